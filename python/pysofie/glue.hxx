// A C interface around the Session of a generated header, the same for every model and for every compiler.
// glue.py puts it behind the text of the header and defines the macros PYSOFIE_*.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace PYSOFIE_SPACE {

using Session = PYSOFIE_MODEL::Session;

struct Frame {
   Session const *session;
   std::size_t const *dims;
   void const *const *inputs;
   void *const *outputs;
   std::size_t *sizes;   ///< Those that depend on data: written.
   void const **results; ///< Where outputs of such a size are: written.
   char error[PYSOFIE_ERROR_BYTES];
};

struct Table {
   char const *description;
   Session *(*create)(Session const *other, char const *weights,
                      char *error); ///< `other`, or null, shares its weights.
   void (*destroy)(Session *);
   int (*run)(Frame *);
#if defined(TMVA_SOFIE_PROFILE)
   char const *operators; ///< JSON.
   int (*repeat)(Frame *, std::size_t times);
   void (*takeProfile)(Session *, double *figures, std::size_t operators);
#endif
};

template <typename Body>
bool Succeeds(Body body, char *error) noexcept
{
   try {
      body();
      return true;
   } catch (std::exception const &reason) {
      std::snprintf(error, PYSOFIE_ERROR_BYTES, "%s", reason.what());
   } catch (...) {
      std::snprintf(error, PYSOFIE_ERROR_BYTES, "an exception that is not a std::exception");
   }
   return false;
}

// An argument of doInfer is a size, an input or an output by its type alone.
enum class Role { kDim, kInput, kOutput, kSize };

template <typename T>
constexpr Role RoleOf()
{
   return std::is_reference_v<T>                      ? Role::kSize
          : !std::is_pointer_v<T>                     ? Role::kDim
          : std::is_const_v<std::remove_pointer_t<T>> ? Role::kInput
                                                      : Role::kOutput;
}

// How many of the arguments before number `index` have the same role.
template <typename... Arguments>
constexpr std::size_t Rank(std::size_t index)
{
   Role const roles[] = {RoleOf<Arguments>()...};
   std::size_t rank = 0;
   for (std::size_t i = 0; i < index; ++i)
      rank += roles[i] == roles[index];
   return rank;
}

template <typename T>
T Fetch(Frame const &frame, std::size_t rank)
{
   if constexpr (RoleOf<T>() == Role::kDim)
      return frame.dims[rank];
   else if constexpr (RoleOf<T>() == Role::kSize)
      return frame.sizes[rank];
   else if constexpr (RoleOf<T>() == Role::kInput)
      return static_cast<T>(frame.inputs[rank]);
   else
      return static_cast<T>(frame.outputs[rank]);
}

template <typename... Arguments, std::size_t... Index>
void Infer(Frame const &frame, void (*)(Session const &, Arguments...), std::index_sequence<Index...>)
{
   PYSOFIE_MODEL::doInfer(*frame.session, Fetch<Arguments>(frame, Rank<Arguments...>(Index))...);
}

template <typename... Arguments>
void Infer(Frame const &frame, void (*function)(Session const &, Arguments...))
{
   Infer(frame, function, std::index_sequence_for<Arguments...>{});
}

template <typename T, typename... Arguments>
auto TakeResults(T const &session, Frame const &frame, void (*)(Session const &, Arguments...), int)
   -> decltype(session.Result(0), void())
{
   constexpr std::size_t outputs = (std::size_t(RoleOf<Arguments>() == Role::kOutput) + ...);
   for (std::size_t i = 0; i < outputs; ++i)
      frame.results[i] = session.Result(i);
}

template <typename T, typename Function>
void TakeResults(T const &, Frame const &, Function, long)
{
   // no size depends on data
}

template <typename T>
auto Clone(T const &other, int) -> decltype(new T(other.fWeights))
{
   return new T(other.fWeights);
}

template <typename T>
T *Clone(T const &, long)
{
   return nullptr; // weights are part of this Session: they have to be read again
}

inline Session *Create(Session const *other, char const *weights, char *error)
{
   Session *session = nullptr;
   auto const create = [&] {
      session = other ? Clone(*other, 0) : nullptr;
      if (!session)
         session = new Session(std::string(weights));
   };
   Succeeds(create, error);
   return session;
}

inline void Destroy(Session *session)
{
   delete session;
}

inline int Run(Frame *frame)
{
   auto const run = [frame] {
      Infer(*frame, &PYSOFIE_MODEL::doInfer);
      TakeResults(*frame->session, *frame, &PYSOFIE_MODEL::doInfer, 0);
   };
   return Succeeds(run, frame->error) ? 0 : 1;
}

#if defined(TMVA_SOFIE_PROFILE)
inline int Repeat(Frame *frame, std::size_t times)
{
   int error = 0;
   for (std::size_t i = 0; i < times && !error; ++i)
      error = Run(frame);
   return error;
}

// For each operator seconds, calls, FLOPs and bytes, since they were taken last.
inline void TakeProfile(Session *session, double *figures, std::size_t operators)
{
   double const seconds = session->fProfile.SecondsPerTick();
   for (auto const &entry : session->fProfile.Take(operators)) {
      for (double figure : {seconds * entry.fTicks, double(entry.fCalls), entry.fFlops, entry.fBytes})
         *figures++ = figure;
   }
}
#endif

inline std::uintptr_t TableAddress()
{
   static Table const table{
      PYSOFIE_MODEL::modelDescription,   &Create, &Destroy,     &Run,
#if defined(TMVA_SOFIE_PROFILE)
      PYSOFIE_MODEL::profileDescription, &Repeat, &TakeProfile,
#endif
   };
   return reinterpret_cast<std::uintptr_t>(&table);
}

} // namespace PYSOFIE_SPACE

extern "C" __attribute__((visibility("default"))) std::uintptr_t PYSOFIE_TABLE()
{
   return PYSOFIE_SPACE::TableAddress();
}
