// Listening unix sockets and their files.
#pragma once

#include <sys/stat.h>
#include <sys/un.h>

#include <string>

#include "rig/kernel/unique_fd.h"

namespace rig {

// The file of a listening socket, which is removed by the destructor unless another one has taken
// its place.
class UnixSocketFile {
 public:
  // The file has to exist.
  explicit UnixSocketFile(std::string path);
  UnixSocketFile(UnixSocketFile&& other) noexcept;
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;
  ~UnixSocketFile();

 private:
  std::string path_;  // empty: moved from
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct UnixListener {
  UniqueFd fd;
  UnixSocketFile file;
};

// Creates the file with these permissions, whatever the umask is. The file of an earlier process is
// replaced if it is a socket that nobody listens on; no other file is ever removed. Throws
// ListenError.
UnixListener listen_on_unix_socket(const std::string& path, mode_t mode);

// Throws what listen_on_unix_socket() would throw, as far as this can be told without creating or
// removing a file.
void check_unix_socket(const std::string& path);

// `path` has to be short enough, as parse_listen_address() ensures.
sockaddr_un unix_socket_address(const std::string& path);

}  // namespace rig
