// RequestParser accepts any bytes: the requests that it finds do not depend on the pieces in which
// they arrive, only how early it finds that the bytes are malformed, and it never keeps more than
// a head may have.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "invariant.h"
#include "web/http_request.h"
#include "web/request_parser.h"

namespace rig {
namespace {

struct Outcome {
  std::vector<HttpRequest> requests;
  unsigned rejected = 0;
};

bool is_same_request(const HttpRequest& left, const HttpRequest& right) {
  return left.method == right.method && left.path == right.path && left.headers == right.headers;
}

void compare(const Outcome& pieces, const Outcome& whole) {
  require(std::ranges::equal(pieces.requests, whole.requests, is_same_request),
          "the pieces do not matter");
  require(pieces.rejected == 0 || whole.rejected != 0, "what is malformed in pieces is malformed");
}

// Parses requests until the bytes are used up or malformed. The piece sizes are those of `pieces`
// in turn; all bytes are one piece if it is empty.
Outcome parse(std::string_view input, std::string_view pieces) {
  Outcome outcome;
  RequestParser parser;
  std::string received;
  for (std::size_t piece = 0; !input.empty(); ++piece) {
    const std::size_t wanted = pieces.empty()
                                   ? input.size()
                                   : 1U + static_cast<unsigned char>(pieces[piece % pieces.size()]);
    received += input.substr(0, wanted);
    input.remove_prefix(std::min(wanted, input.size()));
    auto progress = parser.parse(received);
    while (progress == RequestParser::Progress::head ||
           progress == RequestParser::Progress::complete) {
      if (progress == RequestParser::Progress::head) {
        outcome.requests.push_back(parser.take_request());
        outcome.requests.back().path = parser.target();
      } else {
        parser.reset();
      }
      progress = parser.parse(received);
    }
    if (progress == RequestParser::Progress::malformed) {
      outcome.rejected = parser.rejection().status;
      return outcome;
    }
    require(received.size() <= kMaxTargetBytes + 2 * kMaxHeaderBytes, "little is kept");
  }
  return outcome;
}

}  // namespace
}  // namespace rig

// The first bytes are the sizes of pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kPieces = 4;
  if (size <= kPieces) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto bytes = input.substr(kPieces);
  rig::compare(rig::parse(bytes, input.substr(0, kPieces)), rig::parse(bytes, ""));
  return 0;
}
