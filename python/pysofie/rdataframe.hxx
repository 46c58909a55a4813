// A model as a column of an RDataFrame. rdataframe.py declares it to cling and defines the macros PYSOFIE_*.

#include <ROOT/RDataFrame.hxx>
#include <ROOT/RVec.hxx>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace PYSOFIE_SPACE {

using ROOT::RDF::RNode;
using ROOT::VecOps::RVec;

// The C interface of a compiled model.
struct Frame {
   void *session;
   std::size_t const *dims;
   void const *const *inputs;
   void *const *outputs;
   std::size_t *sizes;
   void const **results;
   char error[PYSOFIE_ERROR_BYTES];
};

struct Table {
   char const *description;
   void *(*create)(void const *other, char const *weights, char *error);
   void (*destroy)(void *);
   int (*run)(Frame *);
};

// What all slots share. Sizes are in bytes, from the start of a slot's buffer.
struct Model {
   Table const *table;
   std::string name;
   std::string weights;
   std::size_t nDims;
   std::vector<std::size_t> inputs;
   std::vector<std::size_t> outputs;
   std::size_t size;
   std::vector<std::size_t> inputRows; // Bytes of one row of a batch.
   std::vector<std::size_t> outputRows;
   std::vector<std::string> columns;
};

// One C++ Session, and the buffers that it reads and writes.
class Slot {
public:
   Slot(Model const &model, void const *other)
      : fModel(model), fDims(model.nDims, 1), fBuffer(new Line[model.size / sizeof(Line) + 1]())
   {
      for (auto offset : model.inputs)
         fInputs.push_back(Data() + offset);
      for (auto offset : model.outputs)
         fOutputs.push_back(Data() + offset);
      fFrame.session = model.table->create(other, model.weights.c_str(), fFrame.error);
      if (!fFrame.session)
         throw std::runtime_error(fFrame.error);
      fFrame.dims = fDims.data();
      fFrame.inputs = fInputs.data();
      fFrame.outputs = fOutputs.data();
   }
   ~Slot() { fModel.table->destroy(fFrame.session); }
   Slot(Slot const &) = delete;
   Slot &operator=(Slot const &) = delete;

   std::byte *Data() { return fBuffer[0].bytes; }
   std::byte *Input(std::size_t input) { return static_cast<std::byte *>(const_cast<void *>(fInputs[input])); }
   std::byte const *Output(std::size_t output) const { return static_cast<std::byte const *>(fOutputs[output]); }

   // Make room for a batch of so many rows.
   void SetRows(std::size_t rows)
   {
      std::fill(fDims.begin(), fDims.end(), rows);
      if (rows <= fRows)
         return;
      fRows = rows + rows / 2;
      auto const lines = [&](std::size_t bytes) { return bytes * fRows / sizeof(Line) + 1; };
      std::size_t total = 0;
      for (auto const *sizes : {&fModel.inputRows, &fModel.outputRows})
         for (auto bytes : *sizes)
            total += lines(bytes);
      fBuffer.reset(new Line[total]());
      Line *next = fBuffer.get();
      for (std::size_t i = 0; i < fInputs.size(); next += lines(fModel.inputRows[i++]))
         fInputs[i] = next;
      for (std::size_t i = 0; i < fOutputs.size(); next += lines(fModel.outputRows[i++]))
         fOutputs[i] = next;
   }

   void Run()
   {
      if (fRun(&fFrame))
         throw std::runtime_error(fModel.name + ": " + fFrame.error);
   }

private:
   struct alignas(PYSOFIE_ALIGNMENT) Line {
      std::byte bytes[PYSOFIE_ALIGNMENT];
   };

   Model const &fModel;
   int (*fRun)(Frame *) = fModel.table->run;
   std::vector<std::size_t> fDims;
   std::vector<void const *> fInputs;
   std::vector<void *> fOutputs;
   std::unique_ptr<Line[]> fBuffer;
   std::size_t fRows = 0; // What there is room for in a batch.
   Frame fFrame{};
};

class Slots {
public:
   Slots(Model model, void const *session, unsigned int nSlots) : fModel(std::move(model))
   {
      for (unsigned int i = 0; i < nSlots; ++i)
         fSlots.push_back(std::make_unique<Slot>(fModel, session));
   }
   Slots(Slots const &) = delete;
   Slots &operator=(Slots const &) = delete;

   std::unique_ptr<Slot> *Data() { return fSlots.data(); }
   Model const &GetModel() const { return fModel; }

private:
   Model fModel;
   std::vector<std::unique_ptr<Slot>> fSlots;
};

// Where the model wants a column: in the buffer for one row, and in the batch of an input, whose rows have so many bytes.
template <typename E, std::size_t Offset, std::size_t Input, std::size_t InRow, std::size_t Row>
struct Place {
   using Element = E;
   static Element &In(std::byte *buffer) { return *reinterpret_cast<Element *>(buffer + Offset); }
   static Element &In(Slot &slot, std::size_t i)
   {
      return *reinterpret_cast<Element *>(slot.Input(Input) + i * Row + InRow);
   }
};

// A column of numbers.
template <typename T, typename Place>
struct Scalar {
   using Type = T;
   static constexpr bool kIsList = false;
   static std::size_t Size(T const &) { return 0; }
   static void Store(std::byte *buffer, T const &value, std::size_t)
   {
      Place::In(buffer) = static_cast<typename Place::Element>(value);
   }
   static void StoreAll(Slot &slot, T const &value, std::size_t size)
   {
      for (std::size_t i = 0; i < size; ++i)
         Place::In(slot, i) = static_cast<typename Place::Element>(value);
   }
};

template <typename T, typename Place>
struct List {
   using Type = T;
   static constexpr bool kIsList = true;
   static std::size_t Size(T const &values) { return values.size(); }
   static void Store(std::byte *buffer, T const &values, std::size_t i)
   {
      Place::In(buffer) = static_cast<typename Place::Element>(values[i]);
   }
   static void StoreAll(Slot &slot, T const &values, std::size_t size)
   {
      for (std::size_t i = 0; i < size; ++i)
         Place::In(slot, i) = static_cast<typename Place::Element>(values[i]);
   }
};

// One output: a number, or an RVec of several.
template <typename Element, std::size_t Count, std::size_t Offset>
struct Output {
   using Stored = std::conditional_t<std::is_same_v<Element, bool>, std::uint8_t, Element>;
   using Type = std::conditional_t<Count == 1, Element, RVec<Element>>;
   static Type Get(std::byte const *buffer) { return From(reinterpret_cast<Stored const *>(buffer + Offset)); }
   static RVec<Type> GetAll(std::byte const *buffer, std::size_t rows)
   {
      auto const *values = reinterpret_cast<Stored const *>(buffer);
      RVec<Type> all;
      all.reserve(rows);
      for (std::size_t i = 0; i < rows; ++i)
         all.emplace_back(From(values + i * Count));
      return all;
   }

private:
   static Type From(Stored const *values)
   {
      if constexpr (Count == 1)
         return static_cast<Element>(*values);
      else
         return Type(values, values + Count);
   }
};

template <typename... Outputs>
struct Results {
   using One = std::tuple<typename Outputs::Type...>;
   using Many = std::tuple<RVec<typename Outputs::Type>...>;
   static One Get(std::byte const *buffer) { return One(Outputs::Get(buffer)...); }
   static void Append(Many &many, std::byte const *buffer)
   {
      Append(many, buffer, std::index_sequence_for<Outputs...>{});
   }
   static Many GetAll(Slot const &slot, std::size_t rows)
   {
      return GetAll(slot, rows, std::index_sequence_for<Outputs...>{});
   }

private:
   template <std::size_t... I>
   static Many GetAll(Slot const &slot, std::size_t rows, std::index_sequence<I...>)
   {
      return Many(Outputs::GetAll(slot.Output(I), rows)...);
   }
   template <std::size_t... I>
   static void Append(Many &many, std::byte const *buffer, std::index_sequence<I...>)
   {
      (std::get<I>(many).emplace_back(Outputs::Get(buffer)), ...);
   }
};

// The functor: one inference for an event, or where a column is a list one for each of its entries, or one for all of them.
template <typename Results, bool Batched, typename... Columns>
class Evaluate {
public:
   static constexpr bool kLists = (Columns::kIsList || ...);
   using Result = std::conditional_t<kLists, typename Results::Many, typename Results::One>;

   explicit Evaluate(std::shared_ptr<Slots> slots) : fSlots(std::move(slots)), fFirst(fSlots->Data()) {}

   Result operator()(unsigned int slotNumber, typename Columns::Type const &...columns) const
   {
      auto &slot = *fFirst[slotNumber];
      if constexpr (kLists) {
         Result results;
         auto const size = CommonSize({Columns::Size(columns)...});
         if constexpr (Batched) {
            if (size == 0)
               return results;
            slot.SetRows(size);
            (Columns::StoreAll(slot, columns, size), ...);
            slot.Run();
            return Results::GetAll(slot, size);
         } else {
            for (std::size_t i = 0; i < size; ++i) {
               (Columns::Store(slot.Data(), columns, i), ...);
               slot.Run();
               Results::Append(results, slot.Data());
            }
            return results;
         }
      } else {
         (Columns::Store(slot.Data(), columns, 0), ...);
         slot.Run();
         return Results::Get(slot.Data());
      }
   }

private:
   std::size_t CommonSize(std::array<std::size_t, sizeof...(Columns)> const &sizes) const
   {
      constexpr std::array<bool, sizeof...(Columns)> isList{Columns::kIsList...};
      std::size_t first = 0;
      while (!isList[first])
         ++first;
      for (std::size_t i = first + 1; i < sizes.size(); ++i) {
         auto const &names = fSlots->GetModel().columns;
         if (isList[i] && sizes[i] != sizes[first])
            throw std::runtime_error(fSlots->GetModel().name + ": in one event the columns " + names[first] + " and " +
                                     names[i] + " have " + std::to_string(sizes[first]) + " and " +
                                     std::to_string(sizes[i]) + " entries");
      }
      return sizes[first];
   }

   std::shared_ptr<Slots> fSlots;
   std::unique_ptr<Slot> *fFirst;
};

// From what was evaluated to the columns of the user: a whole output, or one of its elements.
template <typename Result, std::size_t I>
struct Whole {
   std::tuple_element_t<I, Result> operator()(Result const &results) const { return std::get<I>(results); }
};

template <typename Result, bool Lists, std::size_t I, std::size_t Element>
struct Part {
   auto operator()(Result const &results) const
   {
      auto const &values = std::get<I>(results);
      if constexpr (Lists) {
         RVec<typename std::decay_t<decltype(values)>::value_type::value_type> column;
         column.reserve(values.size());
         for (auto const &object : values)
            column.push_back(object[Element]);
         return column;
      } else {
         return values[Element];
      }
   }
};

// The same without a column in between, for the usual case of one.
template <typename Results, bool Batched, typename... Columns>
class EvaluateOne : private Evaluate<Results, Batched, Columns...> {
   using Base = Evaluate<Results, Batched, Columns...>;

public:
   using Base::Base;
   auto operator()(unsigned int slot, typename Columns::Type const &...columns) const
   {
      return std::get<0>(Base::operator()(slot, columns...));
   }
};

} // namespace PYSOFIE_SPACE
