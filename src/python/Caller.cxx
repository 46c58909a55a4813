/// \file Caller.cxx
/// \brief The shortest way from numpy's arrays into a compiled model: the base class of pysofie.Session.
///
/// A model of a microsecond is not worth two of Python around it, and around a larger one Python costs ten: it has to be read
/// again from wherever the model's weights have pushed it. Hence a call with the arrays that a plan was prepared for runs
/// here; any other goes to the object's own method. python/pysofie/caller.py has the class as Python, with what each method is
/// for: it is used where this file was not built, for want of Python.h. Python's stable interface is enough (PEP 384), which has
/// buffers as of 3.11.

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

namespace {

/// An object of Python that is owned.
class Reference {
private:
   PyObject *fObject = nullptr;

public:
   Reference() = default;
   explicit Reference(PyObject *owned) : fObject(owned) {}
   Reference(Reference &&other) noexcept : fObject(std::exchange(other.fObject, nullptr)) {}
   Reference &operator=(Reference &&other) noexcept
   {
      std::swap(fObject, other.fObject);
      return *this;
   }
   ~Reference() { Py_XDECREF(fObject); }

   static Reference To(PyObject *borrowed) { return Reference(Py_NewRef(borrowed)); }

   PyObject *Get() const { return fObject; }
   PyObject *Release() { return std::exchange(fObject, nullptr); }
   explicit operator bool() const { return fObject != nullptr; }
};

/// The values of an array, which stay where they are as long as this lives.
class Values {
private:
   Py_buffer fView{};
   bool fIsHeld;

public:
   Values(PyObject *array, int flags) : fIsHeld(PyObject_GetBuffer(array, &fView, flags) == 0) {}
   Values(Values const &) = delete;
   Values &operator=(Values const &) = delete;
   ~Values()
   {
      if (fIsHeld)
         PyBuffer_Release(&fView);
   }

   explicit operator bool() const { return fIsHeld; }
   Py_buffer const &View() const { return fView; }
};

/// What an input has to be.
struct Input {
   std::vector<Py_ssize_t> fShape;
   Reference fType; ///< The one object that numpy has for it.
   Py_ssize_t fItemSize;
   Py_ssize_t fAlignment;

   bool Fits(Py_buffer const &view) const
   {
      return view.ndim == static_cast<int>(fShape.size()) && std::equal(fShape.begin(), fShape.end(), view.shape) &&
             view.itemsize == fItemSize && reinterpret_cast<std::intptr_t>(view.buf) % fAlignment == 0;
   }
};

/// Plan.layout of python/pysofie/plan.py.
struct Layout {
   Reference fPlan; ///< The owner of the addresses.
   int (*fRun)(void *frame);
   void *fFrame;
   void const **fSources;
   void **fTargets;
   std::vector<Input> fInputs;
   std::vector<Reference> fOutputs; ///< What numpy.empty takes.
   Reference fEmpty;                ///< numpy.empty
   Reference fTypeName;             ///< "dtype"
};

/// The object. Python makes it and knows no constructors: all zeros is a good beginning.
struct Caller {
   PyObject fObject; ///< What PyObject_HEAD stands for.
   Layout *fLayout;
   bool fIsBusy;
};

Caller &Self(PyObject *self)
{
   return *reinterpret_cast<Caller *>(self);
}

/// Raise the exception that a method of an object returns.
PyObject *Raise(PyObject *object, char const *method)
{
   Reference const error(PyObject_CallMethod(object, method, nullptr));
   if (error)
      PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.Get())), error.Get());
   return nullptr;
}

/// Run the model while other threads are free to use Python.
int RunWithoutPython(Layout const &layout)
{
   PyThreadState *const state = PyEval_SaveThread();
   int const error = layout.fRun(layout.fFrame);
#if defined(__GLIBCXX__)
   try {
      PyEval_RestoreThread(state);
   } catch (abi::__forced_unwind const &) {
      // Python has ended meanwhile, and wants this thread to end: its way out would give back what is Python's. The process will end it.
      for (;;)
         pause();
   }
#else
   PyEval_RestoreThread(state);
#endif
   return error;
}

/// Find the values of the arrays from number `index` on, then run: what is held by one is held until the model has run.
/// Returns the results, nothing with an exception, or `Py_NotImplemented` (borrowed) where an array is not what it has to be.
PyObject *Run(Layout &layout, PyObject *arrays, std::size_t index = 0)
{
   if (index < layout.fInputs.size()) {
      Input const &input = layout.fInputs[index];
      PyObject *const array = PyTuple_GetItem(arrays, static_cast<Py_ssize_t>(index));
      Reference const type(PyObject_GetAttr(array, layout.fTypeName.Get()));
      if (type.Get() == input.fType.Get()) {
         Values const values(array, PyBUF_C_CONTIGUOUS);
         if (values && input.Fits(values.View())) {
            layout.fSources[index] = values.View().buf;
            return Run(layout, arrays, index + 1);
         }
      }
      if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception))
         return nullptr; // somebody wants to leave
      PyErr_Clear();     // whatever it is, it is for Python to say
      return Py_NotImplemented;
   }
   Py_ssize_t const count = static_cast<Py_ssize_t>(layout.fOutputs.size());
   Reference results(PyTuple_New(count));
   if (!results)
      return nullptr;
   for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject *const result = PyObject_CallObject(layout.fEmpty.Get(), layout.fOutputs[i].Get());
      if (!result || PyTuple_SetItem(results.Get(), i, result) != 0)
         return nullptr;
      Values const values(result, PyBUF_WRITABLE);
      if (!values)
         return nullptr;
      layout.fTargets[i] = values.View().buf;
   }
   if (RunWithoutPython(layout))
      return Raise(layout.fPlan.Get(), "failure");
   return count == 1 ? Py_NewRef(PyTuple_GetItem(results.Get(), 0)) : results.Release();
}

PyObject *Call(PyObject *self, PyObject *arrays, PyObject *keywords)
{
   if (keywords && PyDict_Size(keywords) != 0) {
      PyErr_SetString(PyExc_TypeError, "a model takes its arrays in their order, and no keywords");
      return nullptr;
   }
   Caller &caller = Self(self);
   if (std::exchange(caller.fIsBusy, true))
      return Raise(self, "_refusal");
   PyObject *result = Py_NotImplemented;
   if (caller.fLayout && PyTuple_Size(arrays) == static_cast<Py_ssize_t>(caller.fLayout->fInputs.size()))
      result = Run(*caller.fLayout, arrays);
   if (result == Py_NotImplemented)
      result = PyObject_CallMethod(self, "_call", "(O)", arrays);
   caller.fIsBusy = false;
   return result;
}

/// An attribute that is a number; -1 with an exception.
Py_ssize_t Number(PyObject *object, char const *name)
{
   Reference const number(PyObject_GetAttrString(object, name));
   return number ? PyLong_AsSsize_t(number.Get()) : -1;
}

/// What one entry of Plan.layout's inputs says; false with an exception.
bool ReadInput(PyObject *entry, Input &input)
{
   PyObject *shape, *type;
   if (!PyArg_ParseTuple(entry, "O!O", &PyTuple_Type, &shape, &type))
      return false;
   for (Py_ssize_t axis = 0; axis < PyTuple_Size(shape); ++axis)
      input.fShape.push_back(PyLong_AsSsize_t(PyTuple_GetItem(shape, axis)));
   input.fType = Reference::To(type);
   if (!PyErr_Occurred())
      input.fItemSize = Number(type, "itemsize");
   if (!PyErr_Occurred())
      input.fAlignment = Number(type, "alignment");
   return !PyErr_Occurred();
}

/// The layout of a plan, or nothing: it has none, or there is an exception.
std::unique_ptr<Layout> ReadLayout(PyObject *plan)
{
   Reference const tuple(PyObject_GetAttrString(plan, "layout"));
   if (!tuple || tuple.Get() == Py_None)
      return nullptr;
   unsigned long long run, frame, sources, targets;
   PyObject *empty, *inputs, *outputs;
   if (!PyArg_ParseTuple(tuple.Get(), "KKKKOO!O!", &run, &frame, &sources, &targets, &empty, &PyTuple_Type, &inputs,
                         &PyTuple_Type, &outputs))
      return nullptr;
   auto layout = std::make_unique<Layout>();
   layout->fPlan = Reference::To(plan);
   layout->fRun = reinterpret_cast<int (*)(void *)>(run);
   layout->fFrame = reinterpret_cast<void *>(frame);
   layout->fSources = reinterpret_cast<void const **>(sources);
   layout->fTargets = reinterpret_cast<void **>(targets);
   layout->fEmpty = Reference::To(empty);
   layout->fTypeName = Reference(PyUnicode_InternFromString("dtype"));
   if (!layout->fTypeName)
      return nullptr;
   layout->fInputs.resize(static_cast<std::size_t>(PyTuple_Size(inputs)));
   for (std::size_t i = 0; i < layout->fInputs.size(); ++i)
      if (!ReadInput(PyTuple_GetItem(inputs, static_cast<Py_ssize_t>(i)), layout->fInputs[i]))
         return nullptr;
   for (Py_ssize_t i = 0; i < PyTuple_Size(outputs); ++i)
      layout->fOutputs.push_back(Reference::To(PyTuple_GetItem(outputs, i)));
   return layout;
}

void Prepare(Caller &caller, std::unique_ptr<Layout> layout)
{
   // Deleted at the end: what goes with it may be Python's code.
   std::unique_ptr<Layout> const before(std::exchange(caller.fLayout, layout.release()));
}

PyObject *PrepareFor(PyObject *self, PyObject *plan)
try {
   Layout const *const before = Self(self).fLayout;
   if (!before || before->fPlan.Get() != plan)
      Prepare(Self(self), plan == Py_None ? nullptr : ReadLayout(plan));
   return PyErr_Occurred() ? nullptr : Py_NewRef(Py_None);
} catch (std::exception const &) {
   return PyErr_NoMemory(); // nothing else is thrown here
}

PyObject *Acquire(PyObject *self, PyObject *)
{
   return PyBool_FromLong(!std::exchange(Self(self).fIsBusy, true));
}

int Traverse(PyObject *self, visitproc visit, void *arg)
{
   Py_VISIT(Py_TYPE(self));
   if (Layout const *layout = Self(self).fLayout)
      Py_VISIT(layout->fPlan.Get());
   return 0;
}

int Clear(PyObject *self)
{
   Prepare(Self(self), nullptr);
   return 0;
}

void Deallocate(PyObject *self)
{
   PyTypeObject *const type = Py_TYPE(self);
   PyObject_GC_UnTrack(self);
   Clear(self);
   reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
   Py_DECREF(type);
}

template <typename T>
PyType_Slot Slot(int slot, T *value)
{
   return {slot, reinterpret_cast<void *>(value)};
}

PyObject *MakeType()
{
   static PyMethodDef methods[] = {
      {"_acquire", Acquire, METH_NOARGS, nullptr},
      {"_prepare", PrepareFor, METH_O, nullptr},
      {nullptr, nullptr, 0, nullptr},
   };
   PyType_Slot slots[] = {
      Slot(Py_tp_call, Call),
      Slot(Py_tp_methods, methods),
      Slot(Py_tp_traverse, Traverse),
      Slot(Py_tp_clear, Clear),
      Slot(Py_tp_dealloc, Deallocate),
      Slot(Py_tp_new, PyType_GenericNew),
      {0, nullptr},
   };
   PyType_Spec spec{"pysofie._caller.Caller", sizeof(Caller), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
   return PyType_FromSpec(&spec);
}

} // namespace

PyMODINIT_FUNC PyInit__caller()
{
   static PyModuleDef definition{
      PyModuleDef_HEAD_INIT, "_caller", nullptr, 0, nullptr, nullptr, nullptr, nullptr, nullptr};
   Reference module(PyModule_Create(&definition));
   Reference const type(MakeType());
   if (!module || !type || PyModule_AddObjectRef(module.Get(), "Caller", type.Get()) != 0)
      return nullptr;
   return module.Release();
}
