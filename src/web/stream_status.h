// What came of receiving or sending without blocking.
#pragma once

namespace rig {

enum class StreamStatus {
  done,
  wants_to_read,  // the call has to be repeated once the descriptor is readable
  wants_to_write,
  ended,      // by the client, or by an error: nothing more can be received or sent
  plain_text  // of a handshake: the client does not use TLS; the stream is plain from now on
};

}  // namespace rig
