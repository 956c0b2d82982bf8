#include "web/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <iterator>
#include <string_view>

#include "web/response_headers.h"

namespace rig {
namespace {

// IMF-fixdate (RFC 9110, section 5.6.7), whatever the locale is.
void append_date(std::string& text) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  if (gmtime_r(&now, &date) == nullptr) return;
  fmt::format_to(std::back_inserter(text), "Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                 kDays.at(static_cast<unsigned>(date.tm_wday)), date.tm_mday,
                 kMonths.at(static_cast<unsigned>(date.tm_mon)), date.tm_year + 1900, date.tm_hour,
                 date.tm_min, date.tm_sec);
}

std::string_view reason_phrase(unsigned status) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {reason.data(), reason.size()};
}

bool is_connection(const std::pair<std::string, std::string>& header) {
  return header.first == "Connection";
}

}  // namespace

bool closes(const HttpResponse& response) {
  return std::ranges::any_of(response.headers, [](const auto& header) {
    return is_connection(header) && header.second == "close";
  });
}

bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

std::string response_head(const HttpResponse& response, const WebConfig* config,
                          Persistence persistence) {
  std::string head;
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_date(head);
  if (has_body(response.status))
    fmt::format_to(out, "Content-Type: {}\r\nContent-Length: {}\r\n", response.content_type,
                   response.body.size());
  for (const auto& header : response_headers(response, config)) {
    if (!is_connection(header)) fmt::format_to(out, "{}: {}\r\n", header.first, header.second);
  }
  if (persistence == Persistence::close) head += "Connection: close\r\n";
  if (persistence == Persistence::explicit_keep_alive) head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

}  // namespace rig
