// A minimal HTTP/1.1 client for tests: sends bytes and reads until the server closes the connection
// or sends nothing for 10 s.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

class HttpClient {
 public:
  // `address` is "127.0.0.1:PORT".
  explicit HttpClient(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
      throw std::runtime_error("cannot connect to " + address);
  }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() { close(fd_); }

  void send_text(const std::string& text) const {
    if (send(fd_, text.data(), text.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("send");
  }

  std::string read_all() const {
    std::string all;
    std::array<char, 4096> part{};
    while (true) {
      const ssize_t got = recv(fd_, part.data(), part.size(), 0);
      if (got <= 0) return all;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
};

// The whole response, head and body, to one request on a new connection.
inline std::string ask(const std::string& address, const std::string& method,
                       const std::string& target, const std::string& headers = "") {
  const HttpClient client(address);
  client.send_text(method + " " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" +
                   headers + "\r\n");
  return client.read_all();
}

inline std::string get(const std::string& address, const std::string& target,
                       const std::string& headers = "") {
  return ask(address, "GET", target, headers);
}

inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

inline std::string body_of(const std::string& answer) {
  const auto end_of_head = answer.find("\r\n\r\n");
  return end_of_head == std::string::npos ? "" : answer.substr(end_of_head + 4);
}
