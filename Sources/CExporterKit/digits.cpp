#include <charconv>
#include <cstddef>

// Not through CExporterKit.h: _Thread_local is C.
extern "C" size_t CExporterKit_shortest_scientific(double value, char *buffer) {
    auto result = std::to_chars(buffer, buffer + 32, value, std::chars_format::scientific);
    return static_cast<size_t>(result.ptr - buffer);
}
