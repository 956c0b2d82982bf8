#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "rig/gpu/gpu_families.h"
#include "support/catch.h"
#include "support/rig_copy.h"

using namespace rig;

namespace {

constexpr std::string_view kAddress = "0000:03:00.0";

Samples gpu_samples(double up, std::string_view address = kAddress) {
  Samples samples;
  add_sample(samples, kUp, up, {{"gpu", "0"}, {"pci_address", address}});
  return samples;
}

GpuMetricList list_for(const CheckInput& input, std::string_view address = kAddress) {
  for (auto& list : list_gpu_metrics(input)) {
    if (list.pci_address == address) return list;
  }
  return {};
}

std::string why_absent(const GpuMetricList& list, std::string_view metric) {
  for (const auto& absent : list.absent) {
    if (absent.name == metric) return absent.reason;
  }
  return "present";
}

}  // namespace

TEST_CASE("An absent metric is explained by its files") {
  const auto list = list_for(input_for(rig_directory("rx6800x2-raid0"), gpu_samples(1)));
  CHECK(list.present == std::vector<std::string>{"rig_gpu_up"});
  CHECK(why_absent(list, "rig_gpu_up") == "present");
  CHECK_THAT(why_absent(list, "rig_gpu_ecc_errors_total"),
             ContainsSubstring("ras/*_err_count and ras/aca_* do not exist"));
  CHECK_THAT(why_absent(list, "rig_gpu_xgmi_bytes_total"),
             ContainsSubstring("gpu_metrics has no value"));
  CHECK_THAT(why_absent(list, "rig_gpu_fan_rpm"),
             ContainsSubstring("fan1_input and gpu_metrics have no value"));
  CHECK(why_absent(list, "rig_gpus") == "present");  // is not a metric of one GPU
}

TEST_CASE("Metrics that need samples between scrapes are absent because there are none") {
  auto input = input_for(rig_directory("rx6800x2-raid0"), gpu_samples(1));
  input.config.gpu.sample_interval = kAtRequests;
  const auto list = list_for(input);
  for (const char* metric : {"rig_gpu_power_peak_watts", "rig_gpu_energy_joules_total"}) {
    CHECK(why_absent(list, metric) ==
          "needs samples between scrapes, and gpu.sample-interval is 0");
  }
  CHECK_THAT(why_absent(list, "rig_gpu_fan_rpm"),
             ContainsSubstring("fan1_input and gpu_metrics have no value"));
}

TEST_CASE("A directory that cannot be listed does not hide the reasons of other metrics") {
  const RigCopy rig;
  std::filesystem::create_symlink("ras", rig.gpu() / "ras");
  const auto list = list_for(input_for(rig.root(), gpu_samples(1)));
  CHECK_THAT(why_absent(list, "rig_gpu_ecc_errors_total"),
             ContainsSubstring("ras/*_err_count and ras/aca_* do not exist"));
  CHECK_THAT(why_absent(list, "rig_gpu_fan_rpm"),
             ContainsSubstring("fan1_input and gpu_metrics have no value"));
}

TEST_CASE("A metric whose files exist is missing because the GPU is suspended") {
  constexpr std::string_view kSuspended = "0000:06:00.0";
  auto samples = gpu_samples(1, kSuspended);
  add_sample(samples, gpu_field::runtime_state.metric, 1,
             {{"pci_address", kSuspended}, {"state", "suspended"}});
  const auto list =
      list_for(input_for(rig_directory("rx6800x2-one-suspended"), std::move(samples)), kSuspended);
  CHECK(why_absent(list, "rig_gpu_fan_rpm") == "the GPU is suspended and is not woken");
  CHECK_THAT(why_absent(list, "rig_gpu_ecc_errors_total"), ContainsSubstring("do not exist"));
}

TEST_CASE("A metric whose files exist is missing because the GPU is down") {
  const auto list = list_for(input_for(rig_directory("rx6800x2-raid0"), gpu_samples(0)));
  CHECK(why_absent(list, "rig_gpu_temperature_celsius") == "the GPU does not respond");
}

TEST_CASE("A metric of a recorded GPU without files is explained by the kind of GPU") {
  const auto list = list_for(input_for("/nowhere", gpu_samples(1)));
  CHECK_THAT(why_absent(list, "rig_gpu_fan_rpm"), ContainsSubstring("fan"));
  CHECK_THAT(why_absent(list, "rig_gpu_fan_rpm"), !ContainsSubstring("does not exist"));
}
