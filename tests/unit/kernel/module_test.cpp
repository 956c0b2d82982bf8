#include "rig/kernel/module.h"

#include <dlfcn.h>

#include <fstream>

#include "support/catch.h"
#include "support/temporary_directory.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "rig_test.so";
constexpr const char* kSymbol = "getpid";

// The file of the C library, which exists wherever a program can load modules.
fs::path c_library() {
  Dl_info info{};
  dladdr(dlsym(RTLD_DEFAULT, kSymbol), &info);
  return fs::canonical(info.dli_fname);
}

}  // namespace

TEST_CASE("a module that is nowhere is reported with the place where it would be installed") {
  const TemporaryDirectory directory;
  const auto module = load_module(directory.path() / "bin", kName, kSymbol);
  CHECK_FALSE(module.exists);
  CHECK(module.symbol == nullptr);
  CHECK(module.problem == "no such file: " + module.file.string());
}

TEST_CASE("a module in the directory of the program is preferred to an installed one") {
  const TemporaryDirectory directory;
  const auto bin = directory.path() / "bin";
  const auto installed = load_module(bin, kName, kSymbol).file;
  REQUIRE(installed.string().starts_with(directory.path().string()));
  fs::create_directories(bin);
  fs::create_directories(installed.parent_path());
  fs::create_symlink(c_library(), installed);
  CHECK(load_module(bin, kName, kSymbol).file == installed);
  CHECK(load_module(bin, kName, kSymbol).symbol != nullptr);
  fs::create_symlink(c_library(), bin / kName);
  CHECK(load_module(bin, kName, kSymbol).file == bin / kName);
  CHECK(load_module(bin, kName, kSymbol).problem.empty());
}

TEST_CASE("a file that is no module, or has not the symbol, is reported with the reason") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / kName) << "text";
  const auto text = load_module(directory.path(), kName, kSymbol);
  CHECK(text.exists);
  CHECK(text.symbol == nullptr);
  CHECK_THAT(text.problem, ContainsSubstring(kName));
  fs::remove(directory.path() / kName);
  fs::create_symlink(c_library(), directory.path() / kName);
  const auto other = load_module(directory.path(), kName, "rig_no_such_symbol");
  CHECK(other.symbol == nullptr);
  CHECK_THAT(other.problem, ContainsSubstring("rig_no_such_symbol"));
}

TEST_CASE("the directory of the program is that of the file that is running") {
  CHECK(fs::exists(program_directory() / fs::read_symlink("/proc/self/exe").filename()));
}

}  // namespace rig
