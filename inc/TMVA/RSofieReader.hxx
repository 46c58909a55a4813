/// \file TMVA/RSofieReader.hxx
/// \ingroup TMVA
/// \brief A model as an object: loaded by its file's name, compiled by cling, and called with vectors.
/// \author the pysofie authors
/// \date November 2026

#ifndef TMVA_RSOFIEREADER
#define TMVA_RSOFIEREADER

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace TMVA {
namespace Experimental {

/// \class TMVA::Experimental::RSofieReader
/// \ingroup TMVA
/// \brief Loads a model and computes it, without a header of its own in the user's code.
///
/// ~~~{.cpp}
/// TMVA::Experimental::RSofieReader reader("Higgs.pt", {{1, 7}});
/// std::vector<float> score = reader.Compute({1., 2., 3., 4., 5., 6., 7.});
/// ~~~
///
/// A header (`.hxx`) that pysofie has generated is loaded as it is, with its weights beside it. Any other file is a model
/// for pysofie's parsers, which are Python: those of this process where `import pysofie` was done, else those of the
/// command `pysofie`, which has to be on the path then. Nothing is written into the current folder.
///
/// All inputs and the one output of the model have float values; a named dimension follows from the lengths of the
/// inputs. Every failure throws std::runtime_error with the reason, and leaves the reader as it was. Several threads may
/// use a reader; they wait for each other, so one for each is faster. Copies of a reader are the same reader.
class RSofieReader {
public:
   /// \brief Makes a header of a model file: gets the model's path, the shapes of its inputs as JSON, such as
   ///        `[[1, 7]]`, and the folder to write to, and returns the header's path. Texts, so that it may be Python's.
   using Parser_t = std::function<std::string(const std::string &, const std::string &, const std::string &)>;

private:
   class RLoaded;
   std::shared_ptr<RLoaded> fLoaded; ///<! The model; null until one was loaded.

   /// The output for these inputs.
   std::vector<float> DoCompute(const std::vector<const std::vector<float> *> &inputs) const;

public:
   /// \brief A reader of nothing yet.
   RSofieReader();
   RSofieReader(const RSofieReader &);
   RSofieReader(RSofieReader &&);
   RSofieReader &operator=(const RSofieReader &);
   RSofieReader &operator=(RSofieReader &&);
   ~RSofieReader();

   /// \brief A reader of a model: see Load().
   RSofieReader(const std::string &path, const std::vector<std::vector<std::size_t>> &inputShapes = {},
                int verbose = 0);

   /// \brief Loads a model in the place of what was loaded.
   /// \param[in] path The model or the header.
   /// \param[in] inputShapes The shape of each input, which some models do not hold; also the values of named
   ///            dimensions that do not follow from the inputs' lengths.
   /// \param[in] verbose Above 0, tells what was loaded.
   void Load(const std::string &path, const std::vector<std::vector<std::size_t>> &inputShapes = {}, int verbose = 0);

   /// \brief Computes a model with one input.
   /// \param[in] x The input, row-major; several events where the batch is a named dimension.
   /// \return The output, row-major.
   std::vector<float> Compute(const std::vector<float> &x);

   /// \brief Computes a model with any number of inputs, each a std::vector<float>, in the model's order.
   /// \return The output, row-major.
   template <typename... T>
   std::vector<float> Compute(const T &...x)
   {
      return DoCompute({&x...});
   }

   /// \brief Tells how models are parsed in this process; without an argument, that it is by pysofie's command again.
   /// \param[in] parser It has to live as long as it is in use, where it is a function of Python's.
   static void SetParser(Parser_t parser = nullptr);
};

} // namespace Experimental
} // namespace TMVA

#endif // TMVA_RSOFIEREADER
