/// \file TMVA/SOFIE/RWeightFile.hxx
/// \ingroup TMVA
/// \brief Weight files, text and binary, and files that are written whole or not at all.
/// \author the pysofie authors
/// \date November 2026
///
/// **Text** (`.dat`), ROOT's layout: for each tensor the line `tensor_<name> <length>` and a line with its values,
/// separated by single spaces, with 9 significant digits (17 of a double), which give back every finite value exactly,
/// sub-normals included, or `inf`, `-inf`, `nan`.
///
/// **Binary** (`.sofie`), little-endian: a head of 32 bytes (magic, version, mark of the byte order, length and hash of
/// the table); a table, which is text with one line `tensor_<name> <length> float|double <hash>` for each tensor,
/// filled up with line ends to a multiple of 64 bytes; the values of each tensor in that order, each filled up with
/// zeros to a multiple of 64 bytes. So every byte is covered by a check and every tensor is aligned.
///
/// Both are read by Kernel::ReadWeights, which is in every generated header that has a weight file.

#ifndef TMVA_SOFIE_RWEIGHTFILE
#define TMVA_SOFIE_RWEIGHTFILE

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

namespace TMVA {
namespace Experimental {
namespace SOFIE {
namespace Internal {

// The very text that generated headers hold, in a namespace of ours. Its own includes are all above.
#include "TMVA/SOFIE/kernels/WeightFile.hxx"

/// \brief A tensor to write (or read): name without `tensor_`, length, type and values.
using Kernel::WeightTarget;

/// \brief Reads a weight file of either format; throws std::runtime_error with the reason where it cannot.
using Kernel::ReadWeights;

/// \brief The hash over names, lengths, types and values in this order that generated headers compare.
std::uint64_t Fingerprint(const std::vector<WeightTarget> &tensors);

/// \brief Writes a text weight file, whole or not at all; throws std::runtime_error where it cannot.
/// \param[in] filename The file, which is replaced where it exists.
/// \param[in] tensors What to write, in this order.
void WriteTextWeights(const std::string &filename, const std::vector<WeightTarget> &tensors);

/// \brief Writes a binary weight file, whole or not at all; throws std::runtime_error where it cannot.
/// \param[in] filename The file, which is replaced where it exists.
/// \param[in] tensors What to write, in this order.
void WriteBinaryWeights(const std::string &filename, const std::vector<WeightTarget> &tensors);

/// \brief Writes a file, whole or not at all: readers see the old content or the new one. Throws std::runtime_error
///        where it cannot, and then leaves nothing behind.
/// \param[in] filename The file, which is replaced where it exists; a symbolic link stays and its target is replaced.
/// \param[in] content What to write.
void WriteFileAtomically(const std::string &filename, std::string_view content);

} // namespace Internal
} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA

#endif // TMVA_SOFIE_RWEIGHTFILE
