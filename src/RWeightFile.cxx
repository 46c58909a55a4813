/// \file RWeightFile.cxx
/// \ingroup TMVA
/// \author the pysofie authors
/// \date November 2026

#include "TMVA/SOFIE/RWeightFile.hxx"

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace TMVA {
namespace Experimental {
namespace SOFIE {
namespace Internal {

namespace {

/// A file under a name of its own in the folder of the one that it becomes with Commit(), or that goes without it.
class RAtomicFile {
private:
   std::string fName;      ///< As the user wrote it, for messages.
   std::string fTarget;    ///< The file to become.
   std::string fTemporary; ///< The file until then; empty where there is none.
   std::string fBuffer;    ///< What has not been written yet.
   int fDescriptor = -1;   ///< Of the temporary file.

   static constexpr std::size_t kBufferSize = 1 << 20;

   [[noreturn]] void Fail(int error) const { Fail(std::generic_category().message(error)); }

   [[noreturn]] void Fail(const std::string &why) const
   {
      throw std::runtime_error("TMVA-SOFIE: cannot write the file " + fName + ": " + why);
   }

   void WriteOut(const char *data, std::size_t n)
   {
      while (n > 0) {
         ssize_t const written = ::write(fDescriptor, data, n);
         if (written < 0 && errno != EINTR)
            Fail(errno);
         if (written > 0) {
            data += written;
            n -= static_cast<std::size_t>(written);
         }
      }
   }

   void Flush()
   {
      WriteOut(fBuffer.data(), fBuffer.size());
      fBuffer.clear();
   }

   void Open()
   {
      namespace fs = std::filesystem;
      std::error_code error;
      fs::path target = fName;
      if (fs::is_symlink(fs::symlink_status(target, error)))
         target = fs::weakly_canonical(target, error);
      fs::file_status const status = fs::status(target, error);
      if (fs::is_directory(status))
         Fail("it is a folder");
      if (fs::exists(status) && !fs::is_regular_file(status))
         Fail("it is no ordinary file");
      if (target.filename().empty())
         Fail("it has no name");
      fTarget = target.string();
      static std::atomic<unsigned> gCount{0};
      while (fDescriptor < 0) {
         // short, so that a long name of the user's does not become too long
         std::string const name = ".pysofie-" + std::to_string(::getpid()) + "-" + std::to_string(gCount++) + ".tmp";
         fs::path const temporary = target.parent_path() / name;
         fDescriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
         if (fDescriptor < 0 && errno != EEXIST) // a process that was killed may have left one
            Fail(errno);
         fTemporary = temporary.string();
      }
   }

   void Discard()
   {
      if (fDescriptor >= 0)
         ::close(fDescriptor);
      if (!fTemporary.empty())
         ::unlink(fTemporary.c_str());
   }

public:
   explicit RAtomicFile(const std::string &filename) : fName(filename) { Open(); }

   RAtomicFile(const RAtomicFile &) = delete;
   RAtomicFile &operator=(const RAtomicFile &) = delete;

   ~RAtomicFile() { Discard(); }

   void Write(std::string_view data)
   {
      if (fBuffer.size() + data.size() > kBufferSize)
         Flush();
      if (data.size() > kBufferSize)
         WriteOut(data.data(), data.size());
      else
         fBuffer.append(data);
   }

   void Commit()
   {
      Flush();
      int const descriptor = fDescriptor;
      fDescriptor = -1;
      if (::close(descriptor) != 0) // where network file systems tell that a disk is full
         Fail(errno);
      if (std::rename(fTemporary.c_str(), fTarget.c_str()) != 0)
         Fail(errno);
      fTemporary.clear();
   }
};

/// The shortest way to have exactly max_digits10 digits in no locale.
template <typename T>
std::string_view FormatWeight(T value, std::array<char, 40> &buffer)
{
   if (std::isnan(value))
      return "nan";
   if (std::isinf(value))
      return value < 0 ? "-inf" : "inf";
   constexpr int kDigits = std::numeric_limits<T>::max_digits10;
#ifdef __cpp_lib_to_chars
   char const *const end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, kDigits).ptr;
   return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
#else
   int const n = std::snprintf(buffer.data(), buffer.size(), "%.*g", kDigits, static_cast<double>(value));
   std::string_view const text(buffer.data(), static_cast<std::size_t>(n));
   if (std::size_t const point = text.find_first_not_of("0123456789-+e"); point != text.npos)
      buffer[point] = '.';
   return text;
#endif
}

template <typename T>
void WriteTextValues(RAtomicFile &file, const WeightTarget &tensor)
{
   std::array<char, 40> buffer;
   for (std::size_t i = 0; i < tensor.fLength; ++i) {
      if (i != 0)
         file.Write(" ");
      file.Write(FormatWeight(static_cast<const T *>(tensor.fData)[i], buffer));
   }
   file.Write("\n");
}

std::size_t NumberOfBytes(const WeightTarget &tensor)
{
   return tensor.fLength * (tensor.fIsDouble ? sizeof(double) : sizeof(float));
}

/// What is missing to a multiple of 64 bytes.
std::size_t Padding(std::size_t nBytes)
{
   return (64 - nBytes % 64) % 64;
}

} // namespace

std::uint64_t Fingerprint(const std::vector<WeightTarget> &tensors)
{
   return Kernel::Fingerprint(tensors.data(), tensors.size());
}

void WriteTextWeights(const std::string &filename, const std::vector<WeightTarget> &tensors)
{
   RAtomicFile file(filename);
   for (const WeightTarget &tensor : tensors) {
      file.Write("tensor_" + std::string(tensor.fName) + " " + std::to_string(tensor.fLength) + "\n");
      tensor.fIsDouble ? WriteTextValues<double>(file, tensor) : WriteTextValues<float>(file, tensor);
   }
   file.Commit();
}

void WriteBinaryWeights(const std::string &filename, const std::vector<WeightTarget> &tensors)
{
   Kernel::WeightFileHead head;
   std::string table;
   for (const WeightTarget &tensor : tensors)
      table += "tensor_" + std::string(tensor.fName) + " " + std::to_string(tensor.fLength) +
               (tensor.fIsDouble ? " double " : " float ") + std::to_string(Kernel::HashValues(tensor)) + "\n";
   table.append(Padding(sizeof(head) + table.size()), '\n');
   head.fTableBytes = table.size();
   head.fTableHash = Kernel::HashText(table);

   RAtomicFile file(filename);
   file.Write({reinterpret_cast<const char *>(&head), sizeof(head)});
   file.Write(table);
   for (const WeightTarget &tensor : tensors) {
      file.Write({static_cast<const char *>(tensor.fData), NumberOfBytes(tensor)});
      file.Write(std::string(Padding(NumberOfBytes(tensor)), '\0'));
   }
   file.Commit();
}

void WriteFileAtomically(const std::string &filename, std::string_view content)
{
   RAtomicFile file(filename);
   file.Write(content);
   file.Commit();
}

} // namespace Internal
} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

// What headers call that cling has read (TMVA_SOFIE_READ_WEIGHTS_1 in kernels/WeightFile.hxx).
extern "C" void TMVA_SOFIE_ReadWeights(char const *filename, char const *model, void const *targets, std::size_t n,
                                       std::uint64_t expectedFingerprint)
{
   using namespace TMVA::Experimental::SOFIE::Internal;
   ReadWeights(filename, model, static_cast<const WeightTarget *>(targets), n, expectedFingerprint);
}
