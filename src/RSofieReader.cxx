/// \file RSofieReader.cxx
/// \ingroup TMVA
/// \author the pysofie authors
/// \date November 2026

#include "TMVA/RSofieReader.hxx"

#include "TMVA/SOFIE/RWeightFile.hxx"
#include "TMVA/SOFIE_common.hxx"

#include "TError.h"
#include "TInterpreter.h"
#include "TVirtualMutex.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <mutex>
#include <regex>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace TMVA {
namespace Experimental {

namespace {

namespace fs = std::filesystem;
using SOFIE::Dim;
using Shapes_t = std::vector<std::vector<std::size_t>>;

[[noreturn]] void Fail(const std::string &reason)
{
   throw std::runtime_error("TMVA-SOFIE: RSofieReader: " + reason);
}

std::mutex &ParserMutex()
{
   static std::mutex gMutex;
   return gMutex;
}

RSofieReader::Parser_t &Parser()
{
   static auto *const gParser = new RSofieReader::Parser_t; // it may be Python's, which ends before static objects do
   return *gParser;
}

std::string ReadText(const fs::path &path)
{
   std::ifstream file(path, std::ios::binary);
   if (!file || fs::is_directory(path))
      Fail("model file " + path.string() + " not found");
   return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A folder of its own, which goes with the object.
class RTemporaryFolder {
private:
   fs::path fPath;

public:
   RTemporaryFolder()
   {
      std::string name = (fs::temp_directory_path() / "pysofie-XXXXXX").string();
      if (::mkdtemp(name.data()) == nullptr)
         Fail("cannot make a folder in " + fs::temp_directory_path().string() + ": " + std::strerror(errno));
      fPath = name;
   }
   RTemporaryFolder(const RTemporaryFolder &) = delete;
   RTemporaryFolder &operator=(const RTemporaryFolder &) = delete;
   ~RTemporaryFolder()
   {
      std::error_code ignored;
      fs::remove_all(fPath, ignored);
   }
   const fs::path &Path() const { return fPath; }
};

/// Runs a program of the path, without a shell, its output into a file. \return its exit code, -1 where there is none.
int Run(const std::vector<std::string> &command, const fs::path &output)
{
   std::vector<char *> arguments;
   for (const std::string &word : command)
      arguments.push_back(const_cast<char *>(word.c_str()));
   arguments.push_back(nullptr);
   posix_spawn_file_actions_t actions;
   ::posix_spawn_file_actions_init(&actions);
   ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
   ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
   ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
   pid_t child = 0;
   int const error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
   ::posix_spawn_file_actions_destroy(&actions);
   if (error != 0)
      return -1;
   int status = 0;
   while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
   }
   return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

std::string Join(const std::vector<std::size_t> &shape)
{
   std::string text;
   for (std::size_t dim : shape)
      text += (text.empty() ? "" : ",") + std::to_string(dim);
   return text;
}

/// The model's header, made by pysofie's command.
fs::path ParseByCommand(const fs::path &model, const Shapes_t &shapes, const fs::path &folder)
{
   std::vector<std::string> command = {"pysofie",  "parse",         fs::absolute(model).string(),
                                       "--output", folder.string(), "--no-verify"};
   for (const auto &shape : shapes)
      command.insert(command.end(), {"--shape", Join(shape)});
   fs::path const log = folder / "log";
   int const code = Run(command, log);
   if (code < 0 || code == 127)
      Fail("model file " + model.string() +
           " needs pysofie's parsers, which are Python: do \"import pysofie\" in this "
           "process, or have the command pysofie on the path (pip install pysofie), or give the header that "
           "\"pysofie parse\" makes of it");
   if (code != 0)
      Fail("pysofie cannot parse " + model.string() + ":\n" + ReadText(log));
   for (const auto &entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".hxx")
         return entry.path();
   }
   Fail("pysofie has made no header of " + model.string());
}

fs::path Parse(const fs::path &model, const Shapes_t &shapes, const fs::path &folder)
{
   if (!fs::is_regular_file(model))
      Fail("model file " + model.string() + " not found");
   RSofieReader::Parser_t parser;
   {
      std::lock_guard<std::mutex> const lock(ParserMutex());
      parser = Parser();
   }
   if (!parser)
      return ParseByCommand(model, shapes, folder);
   std::string json;
   for (const auto &shape : shapes)
      json += (json.empty() ? "[" : ", [") + Join(shape) + "]";
   return parser(model.string(), "[" + json + "]", folder.string());
}

/// What goes behind the header's text. It gives every model the same interface, of plain pointers.
constexpr const char *kGlue = R"cpp(
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>
namespace SOFIE_READER_SPACE {
using Session = SOFIE_READER_MODEL::Session;
// a dimension is an argument by value, an input is a pointer
template <typename T>
T Fetch(std::size_t const *&dims, float const *const *&inputs)
{
   if constexpr (std::is_same_v<T, float const *>)
      return *inputs++;
   else if constexpr (std::is_pointer_v<T>)
      return nullptr;
   else
      return *dims++;
}
template <typename R, typename... Args>
char const *Refusal(R (Session::*)(Args...))
{
   if (!std::is_same_v<R, std::vector<float>>)
      return "it has not one output of float values";
   bool const isFloat = ((!std::is_pointer_v<Args> || std::is_same_v<Args, float const *>) && ...);
   return isFloat ? "" : "it has inputs of other than float values";
}
template <typename R, typename... Args>
void Infer(R (Session::*infer)(Args...), Session &session, std::size_t const *dims, float const *const *inputs,
           std::vector<float> &output)
{
   std::tuple<Session &, Args...> arguments{session, Fetch<Args>(dims, inputs)...};
   if constexpr (std::is_same_v<R, std::vector<float>>)
      output = std::apply([infer](Session &s, Args... x) { return (s.*infer)(x...); }, arguments);
}
inline void *Create(char const *weights, std::string &error)
{
   try {
      return weights[0] ? new Session(std::string(weights)) : new Session();
   } catch (std::exception const &reason) {
      error = reason.what();
      return nullptr;
   }
}
inline void Destroy(void *session)
{
   delete static_cast<Session *>(session);
}
inline bool Compute(void *session, std::size_t const *dims, float const *const *inputs, std::vector<float> &output,
                    std::string &error)
{
   try {
      Infer(&Session::infer, *static_cast<Session *>(session), dims, inputs, output);
      return true;
   } catch (std::exception const &reason) {
      error = reason.what();
      return false;
   }
}
inline void Describe(void *to, void (*tell)(void *, std::size_t, bool, std::size_t, char const *))
{
   for (std::size_t i = 0; i < SOFIE_READER_MODEL::inputTensorDims.size(); ++i) {
      auto const &dims = SOFIE_READER_MODEL::inputTensorDims[i];
      for (std::size_t d = 0; d < dims.size; ++d)
         tell(to, i, dims.data[d].isParam, dims.data[d].dim, dims.data[d].param);
   }
}
struct Table {
   char const *description, *refusal;
   std::size_t nInputs;
   void *(*create)(char const *, std::string &);
   void (*destroy)(void *);
   bool (*compute)(void *, std::size_t const *, float const *const *, std::vector<float> &, std::string &);
   void (*describe)(void *, void (*)(void *, std::size_t, bool, std::size_t, char const *));
};
inline std::uintptr_t GetTable()
{
   static Table const table{SOFIE_READER_MODEL::modelDescription, Refusal(&Session::infer),
                            SOFIE_READER_MODEL::inputTensorDims.size(), &Create, &Destroy, &Compute, &Describe};
   return reinterpret_cast<std::uintptr_t>(&table);
}
} // namespace SOFIE_READER_SPACE
)cpp";

/// The same as in the glue.
struct Table_t {
   char const *fDescription, *fRefusal;
   std::size_t fInputs;
   void *(*fCreate)(char const *, std::string &);
   void (*fDestroy)(void *);
   bool (*fCompute)(void *, std::size_t const *, float const *const *, std::vector<float> &, std::string &);
   void (*fDescribe)(void *, void (*)(void *, std::size_t, bool, std::size_t, char const *));
};

/// The namespace of the one model in a header, or of the one that the file is called after.
std::string FindModel(const std::string &header, const fs::path &path)
{
   static const std::regex kNamespace("(?:^|\n)[ \t]*namespace[ \t]+(TMVA_SOFIE_[A-Za-z0-9_]+)[ \t]*\\{");
   std::vector<std::string> models;
   for (std::sregex_iterator it(header.begin(), header.end(), kNamespace), end; it != end; ++it) {
      if (std::find(models.begin(), models.end(), (*it)[1]) == models.end())
         models.push_back((*it)[1]);
   }
   if (models.empty() || header.find("modelDescription") == std::string::npos)
      Fail(path.string() + " is not a header that pysofie's core has generated");
   std::string const own = "TMVA_SOFIE_" + SOFIE::UTILITY::Clean_name(path.stem().string());
   if (models.size() > 1 && std::find(models.begin(), models.end(), own) == models.end())
      Fail(path.string() + " holds several models, and none is called after the file");
   return models.size() > 1 ? own : models.front();
}

/// The macro that keeps a header from being read twice; empty where there is none.
std::string FindGuard(const std::string &header)
{
   static const std::regex kGuard("(?:^|\n)#ifndef[ \t]+([A-Za-z0-9_]+)[ \t]*\n#define[ \t]+\\1[ \t]*\n");
   std::smatch match;
   return std::regex_search(header, match, kGuard) ? match[1].str() : "";
}

/// Compiles a header in a namespace that is called after its content: an edited one, as after another training, is
/// another one, the same one is compiled once, and the user may include it as well.
const Table_t &Compile(const std::string &header, const fs::path &path)
{
   static std::map<std::string, const Table_t *> gTables; // guarded by the interpreter's mutex
   std::string const model = FindModel(header, path);
   std::string const text = model + "\n" + header;
   char hash[33];
   std::snprintf(hash, sizeof(hash), "%016llx%016llx",
                 static_cast<unsigned long long>(SOFIE::Internal::Kernel::HashText(text, 1)),
                 static_cast<unsigned long long>(SOFIE::Internal::Kernel::HashText(text, 2)));
   R__LOCKGUARD(gInterpreterMutex);
   const Table_t *&table = gTables[hash];
   if (table == nullptr) {
      std::string const space = "sofie_reader_" + std::string(hash);
      std::map<std::string, std::string> const macros = {{model, model + "_" + hash},
                                                         {"SOFIE_READER_MODEL", model},
                                                         {"SOFIE_READER_SPACE", space},
                                                         {"TMVA_SOFIE_READ_WEIGHTS_1", "TMVA_SOFIE_ReadWeights"}};
      std::string before, after;
      auto const shield = [&](const std::string &macro) {
         before += "#pragma push_macro(\"" + macro + "\")\n#undef " + macro + "\n";
         after += "#pragma pop_macro(\"" + macro + "\")\n";
      };
      if (std::string const guard = FindGuard(header); !guard.empty())
         shield(guard);
      for (const auto &[macro, value] : macros) {
         shield(macro);
         before += "#define " + macro + " " + value + "\n";
      }
      if (!gInterpreter->Declare((before + header + kGlue + after).c_str()))
         Fail("cling cannot compile " + path.string() + "; what it says stands above");
      TInterpreter::EErrorCode error = TInterpreter::kNoError;
      auto const address = gInterpreter->Calc((space + "::GetTable();").c_str(), &error);
      if (error != TInterpreter::kNoError || address == 0)
         Fail("cling cannot load " + path.string());
      table = reinterpret_cast<const Table_t *>(address);
   }
   return *table;
}

/// The model's weight file, which lies beside its header; empty where the weights are in the header.
std::string FindWeights(const Table_t &table, const fs::path &header)
{
   std::string const description = table.fDescription;
   std::string const key = "\"weights\": \""; // a quote in a name is escaped, and a weight file's name has none
   std::size_t const begin = description.rfind(key);
   if (begin == std::string::npos)
      return "";
   std::string const name = description.substr(begin + key.size(), description.rfind('"') - begin - key.size());
   if (name.empty())
      return "";
   // OutputGenerated calls it after the header, whatever the model's name
   fs::path const beside = fs::path(header).replace_extension(fs::path(name).extension());
   return (fs::exists(beside) ? beside : header.parent_path() / name).string();
}

std::size_t Length(const std::vector<Dim> &shape, const std::map<std::string, std::size_t> &names)
{
   std::vector<std::size_t> numbers;
   for (const Dim &d : shape)
      numbers.push_back(d.isParam ? names.at(d.param) : d.dim);
   return SOFIE::ConvertShapeToLength(numbers);
}

} // namespace

/// A compiled model and its Session.
class RSofieReader::RLoaded {
private:
   const Table_t &fTable;
   std::string fPath;                         ///< For messages.
   std::vector<std::vector<Dim>> fShapes;     ///< Of each input.
   std::vector<std::string> fNames;           ///< Of the dimensions, as infer takes them.
   std::map<std::string, std::size_t> fGiven; ///< Values of dimensions that the user has told.
   std::unique_ptr<void, void (*)(void *)> fSession;
   std::mutex fMutex;

   /// Takes the values of names from the shapes that the user has told, and refuses those of another model.
   void TakeShapes(const Shapes_t &shapes)
   {
      if (shapes.empty())
         return;
      if (shapes.size() != fShapes.size())
         Fail(fPath + " has " + std::to_string(fShapes.size()) + " inputs, not the " + std::to_string(shapes.size()) +
              " whose shapes were given");
      for (std::size_t i = 0; i < shapes.size(); ++i) {
         bool isSame = shapes[i].size() == fShapes[i].size();
         for (std::size_t d = 0; isSame && d < shapes[i].size(); ++d) {
            const Dim &dim = fShapes[i][d];
            isSame = (dim.isParam ? fGiven.emplace(dim.param, shapes[i][d]).first->second : dim.dim) == shapes[i][d];
         }
         if (!isSame)
            Fail("input " + std::to_string(i + 1) + " of " + fPath + " has the shape " +
                 SOFIE::ConvertDimShapeToString(fShapes[i]) + ", not " + SOFIE::ConvertShapeToString(shapes[i]));
      }
   }

   /// The names' values that follow from the inputs' lengths: each time, one name stands alone in some input.
   std::map<std::string, std::size_t> SolveNames(const std::vector<const std::vector<float> *> &inputs) const
   {
      std::map<std::string, std::size_t> names;
      for (bool isNew = true; isNew && names.size() < fNames.size();) {
         isNew = false;
         for (std::size_t i = 0; i < inputs.size(); ++i) {
            std::vector<Dim> known;
            std::vector<std::string> unknown;
            for (const Dim &d : fShapes[i]) {
               if (!d.isParam || names.count(d.param) != 0)
                  known.push_back(d);
               else
                  unknown.push_back(d.param);
            }
            std::size_t const length = Length(known, names);
            if (unknown.size() == 1 && length != 0) {
               names[unknown[0]] = inputs[i]->size() / length;
               isNew = true;
            }
         }
      }
      names.insert(fGiven.begin(), fGiven.end());
      return names;
   }

public:
   RLoaded(const fs::path &header, const std::string &path, const Shapes_t &shapes)
      : fTable(Compile(ReadText(header), header)), fPath(path), fShapes(fTable.fInputs), fSession(nullptr, nullptr)
   {
      if (fTable.fRefusal[0] != '\0')
         Fail(fPath + " cannot be used by RSofieReader: " + fTable.fRefusal);
      fTable.fDescribe(&fShapes, [](void *to, std::size_t input, bool isName, std::size_t dim, char const *name) {
         (*static_cast<std::vector<std::vector<Dim>> *>(to))[input].push_back(isName ? Dim(name) : Dim(dim));
      });
      for (const auto &shape : fShapes) {
         for (const Dim &d : shape) {
            if (d.isParam && std::find(fNames.begin(), fNames.end(), d.param) == fNames.end())
               fNames.push_back(d.param);
         }
      }
      TakeShapes(shapes);
      std::string error;
      fSession = {fTable.fCreate(FindWeights(fTable, header).c_str(), error), fTable.fDestroy};
      if (!fSession)
         throw std::runtime_error(error);
   }

   std::vector<float> Compute(const std::vector<const std::vector<float> *> &inputs)
   {
      if (inputs.size() != fShapes.size())
         Fail(fPath + " has " + std::to_string(fShapes.size()) + " inputs, not " + std::to_string(inputs.size()));
      std::map<std::string, std::size_t> const names = SolveNames(inputs);
      std::vector<std::size_t> dims;
      for (const std::string &name : fNames) {
         if (names.count(name) == 0)
            Fail("the dimension " + name + " of " + fPath +
                 " does not follow from the inputs' lengths: give the inputs' shapes to Load");
         dims.push_back(names.at(name));
      }
      std::vector<const float *> data;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
         if (inputs[i]->size() != Length(fShapes[i], names))
            Fail("input " + std::to_string(i + 1) + " of " + fPath + " has " + std::to_string(inputs[i]->size()) +
                 " values, which do not fill the shape " + SOFIE::ConvertDimShapeToString(fShapes[i]));
         data.push_back(inputs[i]->data());
      }
      std::vector<float> output;
      std::string error;
      std::lock_guard<std::mutex> const lock(fMutex);
      if (!fTable.fCompute(fSession.get(), dims.data(), data.data(), output, error))
         throw std::runtime_error(error);
      return output;
   }
};

RSofieReader::RSofieReader() = default;
RSofieReader::RSofieReader(const RSofieReader &) = default;
RSofieReader::RSofieReader(RSofieReader &&) = default;
RSofieReader &RSofieReader::operator=(const RSofieReader &) = default;
RSofieReader &RSofieReader::operator=(RSofieReader &&) = default;
RSofieReader::~RSofieReader() = default;

RSofieReader::RSofieReader(const std::string &path, const std::vector<std::vector<std::size_t>> &inputShapes,
                           int verbose)
{
   Load(path, inputShapes, verbose);
}

void RSofieReader::Load(const std::string &path, const std::vector<std::vector<std::size_t>> &inputShapes, int verbose)
{
   fs::path const file = path;
   if (file.extension() == ".root")
      Fail(path + ": models in ROOT files are not supported");
   if (file.extension() == ".hxx") {
      fLoaded = std::make_shared<RLoaded>(file, path, inputShapes);
   } else {
      RTemporaryFolder const folder;
      fLoaded = std::make_shared<RLoaded>(Parse(file, inputShapes, folder.Path()), path, inputShapes);
   }
   if (verbose > 0)
      ::Info("RSofieReader::Load", "loaded %s", path.c_str());
}

std::vector<float> RSofieReader::Compute(const std::vector<float> &x)
{
   return DoCompute({&x});
}

std::vector<float> RSofieReader::DoCompute(const std::vector<const std::vector<float> *> &inputs) const
{
   if (!fLoaded)
      Fail("no model was loaded");
   return fLoaded->Compute(inputs);
}

void RSofieReader::SetParser(Parser_t parser)
{
   std::lock_guard<std::mutex> const lock(ParserMutex());
   Parser() = std::move(parser);
}

/// RSofieReader::SetParser for Python, which calls it without cling; null for pysofie's command. The function writes the header's
/// path into the buffer and returns 0, or writes why there is none.
extern "C" void TMVA_SOFIE_SetParser(int (*parse)(char const *model, char const *shapes, char const *folder,
                                                  char *answer, std::size_t length))
{
   if (parse == nullptr) {
      RSofieReader::SetParser();
      return;
   }
   RSofieReader::SetParser([parse](const std::string &model, const std::string &shapes, const std::string &folder) {
      std::vector<char> answer(1 << 16);
      if (parse(model.c_str(), shapes.c_str(), folder.c_str(), answer.data(), answer.size()) != 0)
         Fail("pysofie cannot parse the model: " + std::string(answer.data()));
      return std::string(answer.data());
   });
}

} // namespace Experimental
} // namespace TMVA
