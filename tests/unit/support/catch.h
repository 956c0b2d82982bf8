// The same interface for Catch2 2.13 (Debian 12) and 3.7 (Debian 13).
//
// An include guard instead of #pragma once, because this header is precompiled: ccache may restore
// a precompiled header that was made from another copy of this file, which #pragma once compares.
#ifndef RIG_TESTS_SUPPORT_CATCH_H_
#define RIG_TESTS_SUPPORT_CATCH_H_

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& substring) { return Catch::Contains(substring); }
using Catch::EndsWith;
using Catch::Matches;
using Catch::StartsWith;
using Catch::Detail::Approx;
#endif

#endif  // RIG_TESTS_SUPPORT_CATCH_H_
