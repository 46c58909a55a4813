/// \file TMVA/SOFIEHelpers.hxx
/// \ingroup TMVA
/// \brief A generated Session as a function of scalars, for RDataFrame.
/// \author the pysofie authors
/// \date November 2026

#ifndef TMVA_SOFIE_SOFIEHELPERS
#define TMVA_SOFIE_SOFIEHELPERS

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace TMVA {
namespace Experimental {

namespace Internal {

template <typename Session_t, typename... Args>
using InferResult_t = decltype(std::declval<Session_t &>().infer(std::declval<Args>()...));

template <typename Session_t, typename Dummy_t, typename... Args>
struct CanInfer : std::false_type {};

template <typename Session_t, typename... Args>
struct CanInfer<Session_t, std::void_t<InferResult_t<Session_t, Args...>>, Args...> : std::true_type {};

/// \brief How the infer of a Session with one input is called: the type of its values, and a batch size first or not.
///
/// The pointer is one to values that are not constant, which headers of ROOT 6.36 take as well.
template <typename Session_t>
struct InferTraits {
   /// \brief True where infer can be called with these arguments.
   template <typename... Args>
   static constexpr bool kCan = CanInfer<Session_t, void, Args...>::value;

   static constexpr bool kHasBatch = kCan<std::size_t, float *> || kCan<std::size_t, double *>; ///< Batch size first?
   static constexpr bool kIsFloat = kCan<float *> || kCan<std::size_t, float *>;                ///< Values are float?
   static constexpr bool kIsDouble = kCan<double *> || kCan<std::size_t, double *>;             ///< Values are double?
   static_assert(kIsFloat || kIsDouble,
                 "SofieFunctor takes a Session with one input, of float or double values, and at "
                 "most one named dimension, the batch");

   using Value_t = std::conditional_t<kIsFloat, float, double>; ///< The type of the input's values.
};

/// \brief Whether a Session that says how many values its input has takes n of them; one that does not say is believed.
template <typename Session_t>
constexpr auto TakesValues(std::size_t n, int) -> decltype(Session_t::kInputValues == n)
{
   return Session_t::kInputValues == n;
}

/// \brief Sessions of other generators do not say.
template <typename Session_t>
constexpr bool TakesValues(std::size_t, long)
{
   return true;
}

/// \brief Another Session, on the weights of the first where generated code allows that.
template <typename Session_t>
auto MakeSibling(const Session_t &session, const std::string &, int) -> decltype(Session_t(session.fWeights))
{
   return Session_t(session.fWeights);
}

/// \brief Another Session, which reads its weights again.
template <typename Session_t>
Session_t MakeSibling(const Session_t &, const std::string &weightsFile, long)
{
   return weightsFile.empty() ? Session_t() : Session_t(weightsFile);
}

/// \brief The first value of the first output.
template <typename T>
double FirstValue(const std::vector<T> &y)
{
   return static_cast<double>(y.at(0));
}

/// \brief The first value of the first output.
template <typename T>
double FirstValue(const std::vector<std::vector<T>> &y)
{
   return FirstValue(y.at(0));
}

/// \brief The first value of the first output.
template <typename... Ts>
double FirstValue(const std::tuple<Ts...> &y)
{
   return FirstValue(std::get<0>(y));
}

} // namespace Internal

template <typename I, typename Session_t, typename Column_t>
class SofieFunctorHelper;

/// \class TMVA::Experimental::SofieFunctorHelper
/// \ingroup TMVA
/// \brief What SofieFunctor() returns: one Session for each slot, and a call operator on as many scalars as the model
///        has inputs.
///
/// Sessions share the weights, and copies of the functor share the Sessions. A slot that two threads use at once, as slot
/// 0 of two data frames that run side by side, is waited for.
template <std::size_t... N, typename Session_t, typename Column_t>
class SofieFunctorHelper<std::index_sequence<N...>, Session_t, Column_t> {
private:
   using Traits_t = Internal::InferTraits<Session_t>;
   static_assert(Internal::TakesValues<Session_t>(sizeof...(N), 0),
                 "SofieFunctor<N, Session>: the model's input does not have N values");

   static constexpr std::size_t kCacheLine = 64;
   static constexpr unsigned int kMaxSlots = 1024;

   /// An argument type for each input.
   template <std::size_t>
   using Argument_t = Column_t;

   /// A Session that shares no cache line with another.
   struct alignas(kCacheLine) RAlone {
      Session_t fSession;
   };

   struct alignas(kCacheLine) RSlot {
      std::mutex fMutex;
      std::unique_ptr<RAlone> fAlone; ///< Null until the slot is first used, where their number was not given.
   };

   std::string fWeightsFile;
   std::shared_ptr<std::vector<RSlot>> fSlots;

   Session_t &GetSession(RSlot &slot) const
   {
      if (!slot.fAlone)
         slot.fAlone.reset(new RAlone{Internal::MakeSibling(fSlots->front().fAlone->fSession, fWeightsFile, 0)});
      return slot.fAlone->fSession;
   }

public:
   /// \brief Makes the Sessions.
   /// \param[in] nslots How many, as RDataFrame::GetNSlots() tells; 0 makes each when its slot is first used.
   /// \param[in] weightsFile The weight file; empty for the one that the generated code names.
   explicit SofieFunctorHelper(unsigned int nslots = 0, const std::string &weightsFile = "")
      : fWeightsFile(weightsFile), fSlots(std::make_shared<std::vector<RSlot>>(nslots == 0 ? kMaxSlots : nslots))
   {
      // the first, so that a bad weight file is refused here
      fSlots->front().fAlone.reset(weightsFile.empty() ? new RAlone{Session_t()} : new RAlone{Session_t(weightsFile)});
      for (std::size_t i = 1; i < nslots; ++i)
         GetSession((*fSlots)[i]);
   }

   /// \brief The first value of the first output for one event; throws std::out_of_range for a slot that there is not.
   double operator()(unsigned int slot, Argument_t<N>... x) const
   {
      if (slot >= fSlots->size())
         throw std::out_of_range("TMVA-SOFIE: SofieFunctor was made for " + std::to_string(fSlots->size()) +
                                 " slots and was called for slot " + std::to_string(slot) +
                                 ": make it with RDataFrame::GetNSlots()");
      using Value_t = typename Traits_t::Value_t;
      alignas(kCacheLine) std::array<Value_t, sizeof...(N)> input = {static_cast<Value_t>(x)...};
      RSlot &mine = (*fSlots)[slot];
      std::lock_guard<std::mutex> const lock(mine.fMutex);
      Session_t &session = GetSession(mine);
      if constexpr (Traits_t::kHasBatch)
         return Internal::FirstValue(session.infer(std::size_t(1), input.data()));
      else
         return Internal::FirstValue(session.infer(input.data()));
   }
};

/// \brief A generated Session as a function for RDataFrame::DefineSlot.
///
/// ~~~{.cpp}
/// auto score = TMVA::Experimental::SofieFunctor<7, TMVA_SOFIE_Higgs::Session>(df.GetNSlots());
/// auto scored = df.DefineSlot("score", score, {"m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb"});
/// ~~~
///
/// \tparam N How many values the model's one input has for an event.
/// \tparam Session_t The generated Session; its input is float or double and may have a named batch dimension.
/// \tparam Column_t The type of the columns, by default that of the input.
/// \param[in] nslots How many Sessions, as RDataFrame::GetNSlots() tells; 0 makes each when its slot is first used.
/// \param[in] weightsFile The weight file; empty for the one that the generated code names.
template <std::size_t N, typename Session_t, typename Column_t = typename Internal::InferTraits<Session_t>::Value_t>
auto SofieFunctor(unsigned int nslots = 0, const std::string &weightsFile = "")
   -> SofieFunctorHelper<std::make_index_sequence<N>, Session_t, Column_t>
{
   return SofieFunctorHelper<std::make_index_sequence<N>, Session_t, Column_t>(nslots, weightsFile);
}

} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_SOFIEHELPERS
