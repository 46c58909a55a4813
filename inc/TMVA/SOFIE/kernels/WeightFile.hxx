// Reads a model's weight file, text or binary, and fingerprints weights; RWeightFile.hxx describes the formats.
#pragma once

#include <cerrno>
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace Kernel {

/// One tensor of a weight file: its name, how many values it has, and where they are or go.
struct WeightTarget {
   char const *fName;
   std::size_t fLength;
   bool fIsDouble;
   void *fData;
};

/// The first bytes of a binary weight file.
struct WeightFileHead {
   char fMagic[8] = {'\x89', 'S', 'O', 'F', 'I', 'E', '\r', '\n'};
   std::uint32_t fVersion = 1, fEndian = 0x01020304;
   std::uint64_t fTableBytes = 0, fTableHash = 0;
};

inline std::uint64_t MixHash(std::uint64_t hash, std::uint64_t word)
{
   hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
   return hash << 29 | hash >> 35;
}

inline std::uint64_t HashText(std::string_view text, std::uint64_t hash = 1)
{
   for (char c : text)
      hash = MixHash(hash, static_cast<unsigned char>(c));
   return MixHash(hash ^ hash >> 32, text.size());
}

/// 64 bits of values, where one NaN is like another.
inline std::uint64_t HashWord(float const *x)
{
   std::uint32_t a, b;
   std::memcpy(&a, x, sizeof(a));
   std::memcpy(&b, x + 1, sizeof(b));
   a = (a & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : a;
   b = (b & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : b;
   return a | static_cast<std::uint64_t>(b) << 32;
}

inline std::uint64_t HashWord(double const *x)
{
   std::uint64_t a;
   std::memcpy(&a, x, sizeof(a));
   return (a & 0x7fffffffffffffffu) > 0x7ff0000000000000u ? 0x7ff8000000000000u : a;
}

/// Never 0.
template <typename T>
inline std::uint64_t HashValues(T const *x, std::size_t n)
{
   constexpr std::size_t kBlock = 64 / sizeof(T);
   std::uint64_t lanes[8] = {1, 2, 3, 4, 5, 6, 7, 8}; // independent, so that their multiplications overlap
   T rest[kBlock] = {};
   for (std::size_t i = 0; i < n; i += kBlock) {
      T const *block = x + i;
      if (n - i < kBlock)
         block = static_cast<T const *>(std::memcpy(rest, block, (n - i) * sizeof(T)));
#pragma GCC unroll 8
      for (std::size_t l = 0; l < 8; ++l)
         lanes[l] = MixHash(lanes[l], HashWord(block + l * (kBlock / 8)));
   }
   std::uint64_t hash = n;
   for (std::uint64_t lane : lanes)
      hash = MixHash(hash ^ hash >> 32, lane);
   return (hash ^ hash >> 32) | 1;
}

inline std::uint64_t HashValues(WeightTarget const &t)
{
   return t.fIsDouble ? HashValues(static_cast<double const *>(t.fData), t.fLength)
                      : HashValues(static_cast<float const *>(t.fData), t.fLength);
}

/// What tells one training's weights from another's: names, types, lengths and values; never 0.
inline std::uint64_t Fingerprint(WeightTarget const *targets, std::size_t n, std::uint64_t const *hashes = nullptr)
{
   std::uint64_t hash = n;
   for (std::size_t i = 0; i < n; ++i) {
      hash = HashText(targets[i].fName, hash + targets[i].fIsDouble);
      hash = MixHash(hash, hashes ? hashes[i] : HashValues(targets[i]));
   }
   return (hash ^ hash >> 32) | 1;
}

#if defined(TMVA_SOFIE_READ_WEIGHTS_1)
// Whoever gives cling this code has it compiled, and names the function here: cling would need as long for it as for a small network.
// The macro's number changes when WeightTarget does.
extern "C" void TMVA_SOFIE_READ_WEIGHTS_1(char const *filename, char const *model, void const *targets, std::size_t n,
                                          std::uint64_t expectedFingerprint);

inline void ReadWeights(std::string const &filename, char const *model, WeightTarget const *targets, std::size_t n,
                        std::uint64_t expectedFingerprint)
{
   TMVA_SOFIE_READ_WEIGHTS_1(filename.c_str(), model, targets, n, expectedFingerprint);
}
#else
inline bool IsDigit(char c)
{
   return c >= '0' && c <= '9';
}

/// Reads a short number without a sign where double arithmetic rounds only once: few digits, a small power of ten.
inline bool ParseShortNumber(std::string_view word, double &value)
{
   static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
   if (word.empty() || word.size() > 19 || !IsDigit(word.front()) || !IsDigit(word.back()))
      return false;
   char const *c = word.data(), *const end = c + word.size();
   std::uint64_t digits = 0;
   std::int64_t exponent = 0, power = 0;
   for (; c != end && IsDigit(*c); ++c)
      digits = digits * 10 + static_cast<std::uint64_t>(*c - '0');
   if (char const *const point = c; c != end && *c == '.') {
      for (++c; c != end && IsDigit(*c); ++c)
         digits = digits * 10 + static_cast<std::uint64_t>(*c - '0');
      exponent = point + 1 - c;
   }
   if (c != end && *c == 'e') {
      bool const isNegative = c[1] == '-';
      for (c += isNegative || c[1] == '+' ? 2 : 1; c != end && IsDigit(*c); ++c)
         power = power * 10 + (*c - '0');
      exponent += isNegative ? -power : power;
   }
   if (c != end || digits > std::uint64_t(1) << 53 || exponent < -22 || exponent > 22)
      return false;
   value = static_cast<double>(digits);
   value = exponent < 0 ? value / kPowers[-exponent] : value * kPowers[exponent];
   return true;
}

/// Reads a decimal number, inf or nan, correctly rounded in any locale.
template <typename T>
inline bool ParseWeight(std::string_view word, T &value)
{
   bool const isNegative = !word.empty() && word[0] == '-';
   std::string_view const number = word.substr(isNegative);
   double x = 0;
   if (ParseShortNumber(number, x)) {
      std::uint64_t bits;
      std::memcpy(&bits, &x, sizeof(bits));
      value = static_cast<T>(isNegative ? -x : x);
      if (sizeof(T) == sizeof(double) || (bits & 0x1fffffff) != 0x10000000) // not half-way between two floats
         return true;
   }
   if (number == "inf" || number == "nan") {
      value = number == "inf" ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::quiet_NaN();
      value = isNegative ? -value : value;
      return true;
   }
   if (number.empty() || !IsDigit(number[0]) || number.find_first_not_of("0123456789+-.eE") != number.npos)
      return false;
   std::string text(word);
   if (std::size_t const point = text.find('.'); point != text.npos)
      text.replace(point, 1, std::localeconv()->decimal_point);
   char *end = nullptr;
   errno = 0;
   value = static_cast<T>(sizeof(T) == 4 ? std::strtof(text.c_str(), &end) : std::strtod(text.c_str(), &end));
   return end == text.c_str() + text.size() && !(errno == ERANGE && (value > 1 || value < -1)); // too large
}

/// Reads one file into the targets; whatever is wrong with it throws std::runtime_error.
class WeightReader {
private:
   std::string_view fFilename, fModel;
   WeightTarget const *fTargets;
   std::size_t fN, fNext = 0;
   std::ifstream fFile;
   std::size_t fLeft = 0;              // bytes of the file that have not been read
   std::vector<std::uint64_t> fHashes; // of the values of each target; 0 until they are read

   [[noreturn]] void Refuse(std::initializer_list<std::string_view> reason) const
   {
      std::string message = "TMVA-SOFIE: weight file ";
      for (std::string_view part : {fFilename, std::string_view(" of model "), fModel, std::string_view(": ")})
         message.append(part);
      for (std::string_view part : reason) {
         for (char c : part.substr(0, 80))
            message.push_back(c < ' ' || c > '~' ? '?' : c);
         message.append(part.size() > 80 ? "..." : "");
      }
      throw std::runtime_error(message);
   }

   char const *FirstMissing() const
   {
      for (std::size_t i = 0; i < fN; ++i) {
         if (fHashes[i] == 0)
            return fTargets[i].fName;
      }
      return nullptr;
   }

   void Read(void *to, std::size_t n, std::string_view what)
   {
      if (n > fLeft)
         Refuse({"truncated in ", what});
      if (!fFile.read(static_cast<char *>(to), static_cast<std::streamsize>(n)))
         Refuse({"cannot be read"});
      fLeft -= n;
   }

   static std::string_view NextWord(std::string_view &text)
   {
      char const *word = text.data(), *const end = word + text.size();
      while (word != end && static_cast<unsigned char>(*word) <= ' ')
         ++word;
      char const *stop = word;
      while (stop != end && static_cast<unsigned char>(*stop) > ' ')
         ++stop;
      text = std::string_view(stop, static_cast<std::size_t>(end - stop));
      return std::string_view(word, static_cast<std::size_t>(stop - word));
   }

   /// Reads name and length of the next tensor, usually that of the next target; fN at the end of the text.
   std::size_t NextTensor(std::string_view &text)
   {
      std::string_view const name = NextWord(text), length = NextWord(text);
      if (name.empty())
         return fN;
      std::size_t i = fNext;
      while (i < fNext + fN && (name.substr(0, 7) != "tensor_" || name.substr(7) != fTargets[i % fN].fName))
         ++i;
      if (i == fNext + fN && !FirstMissing())
         Refuse({name, " is one too many"});
      if (i == fNext + fN)
         Refuse({"failed to read the correct tensor name; expected name is tensor_", FirstMissing(), " , read ", name});
      i %= fN;
      if (fHashes[i] != 0)
         Refuse({name, " is there twice"});
      if (std::string const expected = std::to_string(fTargets[i].fLength); length != expected)
         Refuse(
            {"failed to read the correct tensor size for ", name, "; expected size is ", expected, " , read ", length});
      fNext = i + 1;
      return i;
   }

   template <typename T>
   void ReadValues(std::string_view &text, WeightTarget const &target) const
   {
      for (std::size_t i = 0; i < target.fLength; ++i) {
         std::string_view const word = NextWord(text);
         if (text.empty())
            Refuse({"failed to read the values for tensor tensor_", target.fName, ": truncated"});
         if (!ParseWeight(word, static_cast<T *>(target.fData)[i]))
            Refuse({"failed to read the values for tensor tensor_", target.fName, ": '", word, "' is no ",
                    target.fIsDouble ? "double" : "float"});
      }
   }

   void ReadText()
   {
      std::string content(fLeft, '\0');
      Read(&content[0], fLeft, "the text");
      std::string_view text = content;
      for (std::size_t i = NextTensor(text); i < fN; i = NextTensor(text)) {
         fTargets[i].fIsDouble ? ReadValues<double>(text, fTargets[i]) : ReadValues<float>(text, fTargets[i]);
         fHashes[i] = HashValues(fTargets[i]);
      }
   }

   void ReadBinary()
   {
      WeightFileHead const known;
      WeightFileHead head;
      Read(&head, sizeof(head), "its head");
      if (head.fVersion != known.fVersion || head.fEndian != known.fEndian)
         Refuse({"its version or its order of bytes is not the one that this code reads"});
      std::string table(head.fTableBytes <= fLeft ? head.fTableBytes : 0, '\0');
      Read(&table[0], head.fTableBytes, "its table");
      if (HashText(table) != head.fTableHash)
         Refuse({"corrupt: the checksum of its table does not agree"});
      std::string_view text = table;
      for (std::size_t i = NextTensor(text); i < fN; i = NextTensor(text)) {
         WeightTarget const &target = fTargets[i];
         std::string_view const type = NextWord(text), expected = target.fIsDouble ? "double" : "float";
         if (type != expected)
            Refuse({"tensor_", target.fName, " is ", type, ", expected ", expected});
         std::size_t const nBytes = target.fLength * (target.fIsDouble ? sizeof(double) : sizeof(float));
         char padding[64] = {};
         Read(target.fData, nBytes, target.fName);
         Read(padding, (64 - nBytes % 64) % 64, target.fName);
         fHashes[i] = HashValues(target);
         std::string const checksum = std::to_string(fHashes[i]);
         if (NextWord(text) != checksum || std::string_view(padding, 64).find_first_not_of('\0') != checksum.npos)
            Refuse({"corrupt: the checksum of tensor_", target.fName, " does not agree"});
      }
      if (fLeft != 0)
         Refuse({std::to_string(fLeft), " bytes too many at its end"});
   }

public:
   WeightReader(std::string const &filename, char const *model, WeightTarget const *targets, std::size_t n)
      : fFilename(filename), fModel(model), fTargets(targets), fN(n), fFile(filename, std::ios::binary), fHashes(n)
   {
      if (!fFile)
         throw std::runtime_error("tmva-sofie failed to open file " + filename + " for input weights");
   }

   void ReadAll(std::uint64_t expectedFingerprint)
   {
      WeightFileHead const known;
      char magic[sizeof(known.fMagic)] = {};
      if (fFile.peek() == std::ifstream::traits_type::eof())
         Refuse({"empty, or no file"});
      fFile.seekg(0, std::ios::end);
      fLeft = static_cast<std::size_t>(fFile.tellg());
      fFile.seekg(0);
      fFile.read(magic, static_cast<std::streamsize>(fLeft < sizeof(magic) ? fLeft : sizeof(magic)));
      fFile.seekg(0);
      std::memcmp(magic, known.fMagic, sizeof(magic)) == 0 ? ReadBinary() : ReadText();
      if (FirstMissing())
         Refuse({"it has no tensor_", FirstMissing()});
      if (expectedFingerprint != 0 && Fingerprint(fTargets, fN, fHashes.data()) != expectedFingerprint)
         Refuse({"it holds the weights of another model or training than the header was generated with"});
   }
};

/// Reads the weights of a model, whatever their order in the file. An expected fingerprint of 0 accepts any values.
inline void ReadWeights(std::string const &filename, char const *model, WeightTarget const *targets, std::size_t n,
                        std::uint64_t expectedFingerprint)
{
   WeightReader(filename, model, targets, n).ReadAll(expectedFingerprint);
}
#endif

} // namespace Kernel
