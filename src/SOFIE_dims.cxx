/// \file SOFIE_dims.cxx
/// \ingroup TMVA
/// \brief Arithmetic of dimensions: polynomials with integer coefficients over names and quotients.
/// \author the pysofie authors
/// \date November 2026

#include "TMVA/SOFIE_common.hxx"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace TMVA {
namespace Experimental {
namespace SOFIE {

namespace {

/// A product of atoms, sorted; an atom is a name or the text of a quotient that does not come out even.
using Monomial_t = std::vector<std::string>;

/// Higher degrees first, then by name: an order that products respect, as the exact division needs.
struct ByDegree {
   bool operator()(const Monomial_t &a, const Monomial_t &b) const
   {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
   }
};

/// Each monomial with its coefficient, which is never 0.
using Polynomial_t = std::map<Monomial_t, std::int64_t, ByDegree>;

using Values_t = std::map<std::string, std::size_t>;

[[noreturn]] void ThrowOverflow()
{
   throw std::runtime_error("TMVA-SOFIE: a dimension does not fit into 64 bits");
}

std::int64_t CheckedAdd(std::int64_t a, std::int64_t b)
{
   std::int64_t sum = 0;
   if (__builtin_add_overflow(a, b, &sum))
      ThrowOverflow();
   return sum;
}

std::int64_t CheckedMul(std::int64_t a, std::int64_t b)
{
   std::int64_t product = 0;
   if (__builtin_mul_overflow(a, b, &product))
      ThrowOverflow();
   return product;
}

Polynomial_t FromNumber(std::int64_t value)
{
   return value == 0 ? Polynomial_t{} : Polynomial_t{{Monomial_t{}, value}};
}

/// The value of a polynomial without names.
std::optional<std::int64_t> AsNumber(const Polynomial_t &p)
{
   if (p.empty())
      return 0;
   return p.size() == 1 && p.begin()->first.empty() ? std::optional(p.begin()->second) : std::nullopt;
}

void AddTerm(Polynomial_t &p, const Monomial_t &monomial, std::int64_t coefficient)
{
   std::int64_t &c = p[monomial];
   c = CheckedAdd(c, coefficient);
   if (c == 0)
      p.erase(monomial);
}

Polynomial_t Mul(const Polynomial_t &a, const Polynomial_t &b)
{
   Polynomial_t product;
   for (const auto &[ma, ca] : a) {
      for (const auto &[mb, cb] : b) {
         Monomial_t m;
         std::merge(ma.begin(), ma.end(), mb.begin(), mb.end(), std::back_inserter(m));
         AddTerm(product, m, CheckedMul(ca, cb));
      }
   }
   return product;
}

Polynomial_t Add(Polynomial_t a, const Polynomial_t &b, std::int64_t sign = 1)
{
   for (const auto &[m, c] : b)
      AddTerm(a, m, CheckedMul(sign, c));
   return a;
}

bool IsName(std::string_view s)
{
   auto const isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
   return !s.empty() && isLetter(s.front()) &&
          std::all_of(s.begin(), s.end(), [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

/// A product of several factors needs parentheses around each that is no name.
std::string TermText(const Monomial_t &monomial, std::int64_t coefficient)
{
   if (monomial.empty())
      return std::to_string(coefficient);
   std::string text = coefficient == 1 ? "" : coefficient == -1 ? "-" : std::to_string(coefficient) + "*";
   bool const isAlone = monomial.size() == 1 && coefficient == 1;
   for (std::size_t i = 0; i < monomial.size(); ++i) {
      text += i == 0 ? "" : "*";
      text += isAlone || IsName(monomial[i]) ? monomial[i] : "(" + monomial[i] + ")";
   }
   return text;
}

std::string Text(const Polynomial_t &p)
{
   std::string text;
   for (const auto &[m, c] : p) {
      if (c > 0)
         text += (text.empty() ? "" : "+") + TermText(m, c);
   }
   for (const auto &[m, c] : p) {
      if (c < 0)
         text += TermText(m, c); // the minus comes with it
   }
   return text.empty() ? "0" : text;
}

/// The quotient where b divides a; both polynomials are taken term by term, as in long division of numbers.
std::optional<Polynomial_t> DivExact(Polynomial_t a, const Polynomial_t &b)
{
   const auto &[mb, cb] = *b.begin();
   Polynomial_t quotient;
   while (!a.empty()) {
      const auto &[ma, ca] = *a.begin();
      if (ca % cb != 0 || !std::includes(ma.begin(), ma.end(), mb.begin(), mb.end()))
         return std::nullopt;
      Monomial_t m;
      std::set_difference(ma.begin(), ma.end(), mb.begin(), mb.end(), std::back_inserter(m));
      Polynomial_t const term = {{m, ca / cb}};
      quotient = Add(std::move(quotient), term);
      a = Add(std::move(a), Mul(term, b), -1);
   }
   return quotient;
}

Polynomial_t Div(const Polynomial_t &a, const Polynomial_t &b)
{
   if (b.empty())
      throw std::runtime_error("TMVA-SOFIE: division of the dimension " + Text(a) + " by zero");
   if (auto quotient = DivExact(a, b))
      return *quotient;
   Polynomial_t whole, rest = a;
   if (auto const divisor = AsNumber(b); divisor && *divisor > 0) {
      // (4*n+5)/2 is 2*n+2, since what is even comes out of a rounded quotient: but only of a sum without a minus, for
      // there a quotient of integers that rounds to zero also rounds down
      rest.clear();
      for (const auto &[m, c] : a) {
         std::int64_t const remainder = m.empty() ? (c % *divisor + *divisor) % *divisor : c % *divisor;
         AddTerm(rest, m, remainder);
         AddTerm(whole, m, (c - remainder) / *divisor);
      }
      if (std::any_of(rest.begin(), rest.end(), [](const auto &term) { return term.second < 0; })) {
         whole.clear();
         rest = a;
      } else if (auto const number = AsNumber(rest); number && *number < *divisor) {
         return whole;
      }
   }
   auto const wrapped = [](const std::string &text, std::string_view operators) {
      return text.find_first_of(operators) == std::string::npos ? text : "(" + text + ")";
   };
   // a product on the left needs no parentheses, anything but a name or a number on the right does
   std::string const atom = wrapped(Text(rest), "+-/") + "/" + wrapped(Text(b), "+-*/");
   return Add(std::move(whole), {{Monomial_t{atom}, 1}});
}

/// Reads names, numbers, + - * / and parentheses; anything else makes it fail.
class Parser {
private:
   std::string_view fText;
   const Values_t &fValues;
   std::vector<std::string> *fNames;
   int fDepth = 0;

   char Peek()
   {
      while (!fText.empty() && fText.front() == ' ')
         fText.remove_prefix(1);
      return fText.empty() ? '\0' : fText.front();
   }

   bool Accept(char c)
   {
      if (Peek() != c)
         return false;
      fText.remove_prefix(1);
      return true;
   }

   std::string_view Word()
   {
      std::size_t n = 0;
      while (n < fText.size() && (IsName(fText.substr(n, 1)) || (fText[n] >= '0' && fText[n] <= '9')))
         ++n;
      std::string_view const word = fText.substr(0, n);
      fText.remove_prefix(n);
      return word;
   }

   std::optional<Polynomial_t> Factor()
   {
      if (++fDepth > 200)
         return std::nullopt;
      std::optional<Polynomial_t> p;
      if (Accept('(')) {
         p = Sum();
         if (p && !Accept(')'))
            p.reset();
      } else if (Accept('-')) {
         p = Factor();
         if (p)
            p = Add({}, *p, -1);
      } else if (std::string const word(Word()); IsName(word)) {
         auto const value = fValues.find(word);
         if (fNames && std::find(fNames->begin(), fNames->end(), word) == fNames->end())
            fNames->push_back(word);
         p = value == fValues.end() ? Polynomial_t{{Monomial_t{word}, 1}}
                                    : FromNumber(static_cast<std::int64_t>(value->second));
      } else {
         std::int64_t number = 0;
         auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
         if (error == std::errc() && end == word.data() + word.size())
            p = FromNumber(number);
      }
      --fDepth;
      return p;
   }

   std::optional<Polynomial_t> Product()
   {
      std::optional<Polynomial_t> p = Factor();
      while (p && (Peek() == '*' || Peek() == '/')) {
         bool const isProduct = Accept('*');
         if (!isProduct)
            Accept('/');
         std::optional<Polynomial_t> const q = Factor();
         p = !q ? q : isProduct ? Mul(*p, *q) : Div(*p, *q);
      }
      return p;
   }

   std::optional<Polynomial_t> Sum()
   {
      std::optional<Polynomial_t> p = Product();
      while (p && (Peek() == '+' || Peek() == '-')) {
         bool const isSum = Accept('+');
         if (!isSum)
            Accept('-');
         std::optional<Polynomial_t> const q = Product();
         p = q ? std::optional(Add(std::move(*p), *q, isSum ? 1 : -1)) : q;
      }
      return p;
   }

public:
   Parser(std::string_view text, const Values_t &values, std::vector<std::string> *names = nullptr)
      : fText(text), fValues(values), fNames(names)
   {
   }

   std::optional<Polynomial_t> Parse()
   {
      std::optional<Polynomial_t> p = Sum();
      return p && Peek() == '\0' ? p : std::nullopt;
   }
};

/// A text that is no expression of ours stands for itself.
Polynomial_t FromDim(const Dim &d, const Values_t &values = {})
{
   if (!d.isParam)
      return FromNumber(static_cast<std::int64_t>(d.dim));
   if (std::optional<Polynomial_t> const p = Parser(d.param, values).Parse(); p)
      return *p;
   return {{Monomial_t{d.param}, 1}};
}

/// Back to a Dim; where the result is one of the operands it keeps that one's default size.
Dim ToDim(const Polynomial_t &p, std::initializer_list<const Dim *> operands)
{
   if (auto const number = AsNumber(p))
      return Dim(static_cast<std::size_t>(*number));
   std::string const text = Text(p);
   for (const Dim *d : operands) {
      if (d->isParam && d->param == text)
         return *d;
   }
   return Dim(text, IsName(text) ? 0 : static_cast<std::size_t>(-1));
}

} // namespace

Dim AddDims(const Dim &a, const Dim &b)
{
   return ToDim(Add(FromDim(a), FromDim(b)), {&a, &b});
}

Dim SubtractDims(const Dim &a, const Dim &b)
{
   return ToDim(Add(FromDim(a), FromDim(b), -1), {&a, &b});
}

Dim MulDims(const Dim &a, const Dim &b)
{
   return ToDim(Mul(FromDim(a), FromDim(b)), {&a, &b});
}

Dim DivDims(const Dim &a, const Dim &b)
{
   return ToDim(Div(FromDim(a), FromDim(b)), {&a, &b});
}

Dim ProductOfDims(const std::vector<Dim> &dims)
{
   Dim product(1);
   for (const Dim &d : dims)
      product = MulDims(product, d);
   return product;
}

Dim SubstituteDim(const Dim &d, const std::map<std::string, std::size_t> &values)
{
   return ToDim(FromDim(d, values), {&d});
}

std::vector<std::string> GetDimNames(const Dim &d)
{
   std::vector<std::string> names;
   if (d.isParam && !Parser(d.param, {}, &names).Parse())
      names = {d.param};
   return names;
}

} // namespace SOFIE
} // namespace Experimental
} // namespace TMVA
