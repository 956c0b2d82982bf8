// Serves a rig through prometheus-cpp's own Exposer until its input ends, for exposer_test.py.
//
//   exposer_program PROBE RIG_DIRECTORY
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/collectors.h"
#include "scrape/scrape_collectable.h"

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (argc != 3) return 2;
  const std::filesystem::path rig = argv[2];
  const auto root = rig / "root";
  rig::Config config;
  config.gpu.probe = argv[1];
  config.paths = {rig / "proc", rig / "sys", std::filesystem::exists(root) ? root : rig};
  rig::Scrape scrape(rig::all_collectors(), config, std::make_shared<rig::Instrumentation>());
  scrape.wait_until_ready(std::chrono::steady_clock::now() + 10s);
  const auto collectable = std::make_shared<rig::ScrapeCollectable>(scrape, 10s);
  prometheus::Exposer exposer("127.0.0.1:0", 2);
  exposer.RegisterCollectable(collectable);
  std::printf("%d\n", exposer.GetListeningPorts().at(0));
  std::fflush(stdout);
  char ignored = 0;
  while (read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  _exit(0);
}
