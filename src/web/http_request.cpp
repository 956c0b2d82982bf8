#include "web/http_request.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>

namespace rig {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const end = text.data() + i + 3;
      const auto [stop, error] = std::from_chars(text.data() + i + 1, end, value, 16);
      if (error == std::errc() && stop == end && value != 0) {
        decoded += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return decoded;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto value = part.substr(std::min(equals + 1, part.size()));
    pairs.emplace_back(percent_decoded(part.substr(0, equals), true), percent_decoded(value, true));
  }
  return pairs;
}

std::size_t bytes_of(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  return bytes;
}

std::vector<std::string_view> values_of(const Headers& headers, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) values.push_back(value);
  }
  return values;
}

std::optional<HttpResponse> reject_length(std::string_view length) {
  unsigned long bytes = 0;
  const char* const end = length.data() + length.size();
  const auto [stop, error] = std::from_chars(length.data(), end, bytes);
  if (error == std::errc::result_out_of_range || (error == std::errc() && bytes > kMaxBodyBytes))
    return rejection_with(413,
                          fmt::format("the request body is larger than {} bytes", kMaxBodyBytes));
  if (error != std::errc() || stop != end)
    return rejection_with(400, "Content-Length is not a number");
  return std::nullopt;
}

}  // namespace

HttpResponse rejection_with(unsigned status, std::string why) {
  return {status, "text/plain; charset=utf-8", std::move(why) + "\n", {{"Connection", "close"}}};
}

std::optional<RequestTarget> parse_request_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_name(target.substr(0, scheme.size()), scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    target = path == target.npos ? "/" : target.substr(path);
    break;
  }
  const auto question = std::min(target.find('?'), target.size());
  auto path = target.substr(0, question);
  if (path.empty() && question < target.size()) path = "/";  // http://host?query
  if (!path.starts_with('/')) return std::nullopt;
  return RequestTarget{percent_decoded(path, false),
                       parse_query(target.substr(std::min(question + 1, target.size())))};
}

std::optional<HttpResponse> reject_request(std::string_view version, std::string_view target,
                                           const HttpRequest& request) {
  if (target.size() > kMaxTargetBytes)
    return rejection_with(
        414, fmt::format("the request target is longer than {} bytes", kMaxTargetBytes));
  if (bytes_of(request.headers) > kMaxHeaderBytes)
    return rejection_with(431,
                          fmt::format("the headers are longer than {} bytes", kMaxHeaderBytes));
  const auto hosts = values_of(request.headers, "Host");
  if (hosts.size() > 1 || (hosts.empty() && version == "HTTP/1.1"))
    return rejection_with(400, "a request needs exactly one Host header");
  const auto lengths = values_of(request.headers, "Content-Length");
  const auto codings = values_of(request.headers, "Transfer-Encoding");
  if (!lengths.empty() && !codings.empty())
    return rejection_with(400, "Content-Length and Transfer-Encoding exclude each other");
  if (lengths.size() > 1 &&
      std::ranges::any_of(lengths, [&](auto value) { return value != lengths[0]; }))
    return rejection_with(400, "the Content-Length headers contradict each other");
  if (codings.size() > 1 || (!codings.empty() && !same_name(codings[0], "chunked")))
    return rejection_with(501, "only the transfer coding \"chunked\" is supported");
  return lengths.empty() ? std::nullopt : reject_length(lengths[0]);
}

}  // namespace rig
