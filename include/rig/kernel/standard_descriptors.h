// Standard input, output and error of a program that was started without some of them.
#pragma once

namespace rig {

// Opens each of the descriptors 0, 1 and 2 that is closed, on /dev/null. Otherwise the next file or
// socket that is opened would get its number, and what is meant for a standard stream would be
// written to it. Call it first in main().
//
// Standard input is then at its end, and messages to standard error are discarded. Writing to
// standard output still fails, so that a program whose output nobody receives reports that.
void open_missing_standard_descriptors();

}  // namespace rig
