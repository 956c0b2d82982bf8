#include "config/manual_page.h"

#include <algorithm>
#include <string>

#include "config/flags.h"
#include "config/parse.h"
#include "support/catch.h"

using namespace rig;

namespace {

const auto kManualSettings = all_settings(kCollectors);

// What man(1) shows of roff text.
std::string shown(std::string roff) {
  for (const std::string removed : {"\\fB", "\\fI", "\\fR", "\\&"}) {
    for (auto at = roff.find(removed); at != roff.npos; at = roff.find(removed, at))
      roff.erase(at, removed.size());
  }
  for (auto at = roff.find("\\-"); at != roff.npos; at = roff.find("\\-", at)) roff.erase(at, 1);
  return roff;
}

}  // namespace

TEST_CASE("The manual page has every flag with the text of --help") {
  const auto page = shown(manual_page(kManualSettings));
  for (const auto& flag : all_flags(kManualSettings)) {
    CAPTURE(flag.name);
    CHECK_THAT(page, ContainsSubstring(flag.name));
    if (!flag.help.starts_with("Disable: ")) CHECK_THAT(page, ContainsSubstring(flag.help));
  }
  CHECK(parse({"--help-man"}).output == manual_page(kManualSettings));
}

TEST_CASE("Text of the manual page is never taken for a macro or an escape") {
  Setting setting{"a.b", "FILE", ".dot and 'quote' and \\ back-slash\n'next", false, {}, {}, {}};
  const auto page = manual_page(std::span(&setting, 1));
  CHECK_THAT(page, ContainsSubstring("\\fB\\-\\-a.b\\fR \\fIFILE\\fR\n"
                                     "\\&.dot and 'quote' and \\e back\\-slash\n\\&'next\n"));
}
