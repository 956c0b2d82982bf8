#include <array>
#include <string>

#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "rig/host/filesystem_families.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"
#include "support/catch.h"

using namespace rig;

namespace {

CollectorResult with_problem(std::string name, Problem problem) {
  Samples samples;
  samples.add_problem(std::move(problem));
  return collector_result(std::move(name), std::move(samples));
}

Finding address_finding(const std::string& address) {
  auto input = input_for("/nowhere");
  input.config.web.listen_addresses = {address};
  const auto findings = check_addresses(input);
  REQUIRE(findings.size() == 1);
  return findings.front();
}

HttpServer server_with_body(std::string_view body) {
  const std::array any_port{std::string("127.0.0.1:0")};
  return {any_port, {{"/-/healthy", [body = std::string(body)](const HttpRequest&) {
                        return HttpResponse{200, "text/plain", body, {}};
                      }}}};
}

}  // namespace

TEST_CASE("CPU and memory are ok only if both collectors succeed") {
  auto input = input_for("/nowhere");
  input.scrape.collectors = {collector_result("cpu"), collector_result("memory")};
  CHECK(check_cpu_and_memory(input).size() == 1);
  input.scrape.collectors[0] = with_problem("cpu", Problem::missing("/proc/stat"));
  CHECK(check_cpu_and_memory(input).empty());
  CHECK_THAT(check_collectors(input).at(0).advice, ContainsSubstring("ProcSubset=pid"));
}

TEST_CASE("Addresses that systemd listens on instead are not checked") {
  const auto server = server_with_body("something else\n");
  auto input = input_for("/nowhere");
  input.config.web.listen_addresses = {server.addresses().front(), "192.0.2.1:1"};
  CHECK(check_addresses(input).size() == 2);
  input.config.web.systemd_socket = true;
  const auto findings = check_addresses(input);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].advice, ContainsSubstring("rig_exporter.socket"));
}

TEST_CASE("A mounted filesystem without a size needs the host's root") {
  Samples samples;
  add_sample(samples, kFilesystemReadonly, 0, {{"device", "/dev/sda1"}, {"mountpoint", "/home"}});
  auto input = input_for("/nowhere", std::move(samples));
  input.config.paths.proc = "/proc";
  const auto findings = check_filesystems(input);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("size is unknown: /home"));
  CHECK_THAT(findings[0].advice, ContainsSubstring("/:/rootfs:ro,rslave"));

  // Then the collector reports it.
  input.scrape.collectors = {with_problem("filesystem", {Reason::not_permitted, "/", "no access"})};
  CHECK(check_filesystems(input).empty());
}

TEST_CASE("Problems of collectors and collectors that timed out are problems") {
  auto input = input_for("/nowhere");
  input.scrape.collectors = {
      with_problem("gpu", {Reason::permission_denied, "/sys/x", "Permission denied"}),
      {"raid", nullptr, 1},
      {"disk", nullptr, 0, Problem{Reason::failed, "", "too many threads (limit of threads)"}}};
  input.disabled = {"cpu"};
  const auto findings = check_collectors(input);
  REQUIRE(findings.size() == 4);
  CHECK(findings[0].level == Level::problem);
  CHECK(findings[0].subject == "GPUs");
  CHECK(findings[0].what == "/sys/x: Permission denied");
  CHECK_THAT(findings[0].advice, ContainsSubstring("a user who may read it"));
  CHECK(findings[1].what == "the raid collector timed out");
  CHECK(findings[2].what == "the disk collector did not run: too many threads (limit of threads)");
  CHECK(findings[3].level == Level::note);
  CHECK(findings[3].what == "the cpu collector is disabled");
}

TEST_CASE("The advice depends on the reason of a problem, not on its text") {
  auto input = input_for("/nowhere");
  const auto advice_on = [&](Reason reason) {
    input.scrape.collectors = {with_problem("disk", {reason, "/sys/x", "some words"})};
    return check_collectors(input).at(0).advice;
  };
  CHECK_THAT(advice_on(Reason::timed_out), ContainsSubstring("dmesg"));
  CHECK_THAT(advice_on(Reason::not_permitted), ContainsSubstring("container"));
  CHECK_THAT(advice_on(Reason::malformed), ContainsSubstring("report"));
  CHECK_THAT(advice_on(Reason::missing), ContainsSubstring("--path.procfs"));
  CHECK(advice_on(Reason::failed).empty());
}

TEST_CASE("An address is ok if it is free or an exporter uses it, not if Prometheus does") {
  std::string address;
  {
    const auto exporter = server_with_body(kHealthyBody);
    address = exporter.addresses().front();
    const auto finding = address_finding(address);
    CHECK(finding.level == Level::ok);
    CHECK(finding.what == "an exporter is running on " + address);
  }
  const auto free = address_finding(address);
  CHECK(free.level == Level::ok);
  CHECK(free.what == address + " is free to listen on");

  const auto prometheus = server_with_body("Prometheus Server is Healthy.\n");
  const auto taken = address_finding(prometheus.addresses().front());
  CHECK(taken.level == Level::problem);
  CHECK_THAT(taken.what, ContainsSubstring("another program responds on"));
  CHECK_THAT(taken.advice, ContainsSubstring("the address is in use"));
}

TEST_CASE("An address that this machine does not have is a problem") {
  const auto finding = address_finding("192.0.2.1:10068");
  CHECK(finding.level == Level::problem);
  CHECK_THAT(finding.what, ContainsSubstring("this machine does not have that address"));
}

TEST_CASE("A host name that cannot be resolved is a problem") {
  const auto finding = address_finding("no.such.host.invalid:10068");
  CHECK(finding.level == Level::problem);
  CHECK_THAT(finding.what, ContainsSubstring("cannot listen on no.such.host.invalid:10068"));
}
