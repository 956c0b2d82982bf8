// Reloads the configuration at run time, for SIGHUP and POST to /-/reload.
//
// What can be reloaded has parts, such as the settings and the web configuration. A reload first
// prepares all of them, and changes something only if none has an error. Reloads run one after the
// other; requests that come before one begins share it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rig/metrics/instrumentation.h"
#include "rig/threads/stoppable_thread.h"
#include "rig/web/http_server.h"

namespace rig {

// Puts into effect what was prepared. Does not fail, and does not wait.
using CommitReload = std::function<void()>;
// Reads and checks everything, and changes nothing. Throws ConfigErrors, or another exception that
// describes the error. May hang. Called again only after it has returned.
using PrepareReload = std::function<CommitReload()>;

struct ReloadPart {
  std::string name;  // what it reads, for messages: a file
  PrepareReload prepare;
};

struct ReloadResult {
  std::vector<std::string> errors;  // none: the configuration was reloaded
  bool stopped = false;             // the exporter is shutting down
};

struct ReloadOptions {
  std::chrono::milliseconds timeout{10'000};  // for preparing all parts
  // Called in the thread of the reload, before it prepares and after it has committed or failed.
  std::function<void()> on_begin = {};
  std::function<void(const ReloadResult&)> on_end = {};
};

// All functions may be called from any thread.
class Reloader {
 public:
  using Done = std::function<void(const ReloadResult&)>;

  // What the parts use must exist until stop() has returned true.
  Reloader(std::vector<ReloadPart> parts, std::shared_ptr<Instrumentation> instrumentation,
           ReloadOptions options = {});
  ~Reloader();

  // Starts a reload. `done`, if there is one, is called once, from another thread or at once.
  void request(Done done = {});

  // Records that a part has reloaded itself, or has failed to, for the metrics. May outlive this
  // object.
  std::function<void(bool successful)> recorder(std::string part) const;

  // Ends the thread of the reloads. Returns false if a part still hangs: what it uses must not be
  // destroyed.
  bool stop();

 private:
  class State;
  std::shared_ptr<State> state_;
  StoppableThread thread_;
};

// /-/reload; if it is not enabled, it answers with what to do. The reloader must outlive it.
HttpRoute reload_route(Reloader& reloader, bool enabled);

}  // namespace rig
