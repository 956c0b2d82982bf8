#include "config/manual_page.h"

#include <fmt/format.h>

#include <string_view>

#include "config/flags.h"

namespace rig {
namespace {

std::string roff_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    // A control line begins with one of these.
    if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string section(std::string_view title, std::string_view text) {
  return fmt::format(".SH {}\n{}\n", title, roff_text(text));
}

std::string roff_entry(std::string_view names, std::string_view value, std::string_view help) {
  const auto placeholder = value.empty() ? "" : fmt::format(" \\fI{}\\fR", roff_text(value));
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff_text(names), placeholder, roff_text(help));
}

std::string setting_entry(const Setting& setting) {
  const auto negative = setting.negative();
  const auto names = "--" + setting.name + (negative.empty() ? std::string() : ", --" + negative);
  return roff_entry(names, setting.value, setting.help);
}

std::string setting_entries(std::span<const Setting> settings, std::string_view group) {
  std::string entries = fmt::format(".SH {}\n", group);
  for (const auto& setting : settings) {
    if (help_group(setting) == group) entries += setting_entry(setting);
  }
  return entries;
}

std::string action_entries() {
  std::string entries = ".SH OPTIONS\n";
  for (const auto& flag : kActionFlags) {
    const auto letter = flag.letter == 0 ? "" : fmt::format("-{}, ", flag.letter);
    entries += roff_entry(letter + std::string(flag.name), "", flag.help);
  }
  entries += roff_entry(kCompletion, "SHELL", kCompletionHelp);
  return entries + roff_entry(kConfigFile, "FILE", kConfigFileHelp);
}

}  // namespace

std::string manual_page(std::span<const Setting> settings) {
  std::string page =
      ".TH RIG_EXPORTER 1\n.SH NAME\n"
      "rig_exporter \\- Prometheus exporter for AMD GPUs, Linux software RAID, CPU and RAM\n"
      ".SH SYNOPSIS\n\\fBrig_exporter\\fR [\\fBdoctor\\fR] [\\fIFLAGS\\fR]\n";
  page += section("DESCRIPTION", kDescription);
  page += ".SH COMMANDS\n" + roff_entry(kDoctor, "", kDoctorHelp);
  page += action_entries();
  page += setting_entries(settings, kSettingsGroup);
  page += setting_entries(settings, kCollectorsGroup);
  page += section("SIGNALS", kSignals);
  page += section("EXIT STATUS", kExitStatus);
  return page + ".SH SEE ALSO\n\\fBrig_gpu_probe\\fR(1)\n";
}

}  // namespace rig
