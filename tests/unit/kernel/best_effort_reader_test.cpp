#include "rig/kernel/best_effort_reader.h"

#include "support/catch.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Missing files are absent and not a problem") {
  const TemporaryDirectory directory;
  BestEffortReader reader;
  CHECK_FALSE(reader.text(directory.path() / "missing"));
  CHECK_FALSE(reader.number<int>(directory.path() / "missing"));
  CHECK(reader.names(directory.path() / "missing").empty());
  CHECK_FALSE(reader.has_problems());
}

TEST_CASE("The problems of unreadable and malformed files are collected, and the others are read") {
  const TemporaryDirectory directory;
  const auto subdirectory = directory.path() / "subdirectory";  // EISDIR
  std::filesystem::create_directory(subdirectory);
  const auto text = directory.write("text", "many\n");
  const auto number = directory.write("number", "4\n");
  BestEffortReader reader;
  CHECK_FALSE(reader.text(subdirectory));
  CHECK_FALSE(reader.number<int>(text));
  CHECK(reader.number<int>(number) == 4);
  CHECK(reader.text(text) == "many");
  CHECK(reader.has_problems());
  CHECK(texts(reader.take_problems()) ==
        std::vector<std::string>{subdirectory.string() + ": Is a directory",
                                 text.string() + ": malformed: \"many\""});
  CHECK_FALSE(reader.has_problems());
}
