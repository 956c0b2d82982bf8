// Passwords hashed with bcrypt, by crypt(3) of libxcrypt.
#pragma once

#include <string>

namespace rig {

// Whether it is the password of the hash. Takes tens of milliseconds at a cost of 10, and twice as
// long with each step. The comparison takes the same time for every password.
bool matches_bcrypt_hash(const std::string& password, const std::string& hash);

// A hash of the same cost that no password matches.
std::string unmatched_bcrypt_hash(const std::string& hash);

}  // namespace rig
