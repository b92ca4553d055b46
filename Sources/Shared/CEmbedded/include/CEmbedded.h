// The files that are compiled into the binary. The Swift target Embedded is its only reader.
#ifndef FRESHET_CEMBEDDED_H
#define FRESHET_CEMBEDDED_H

#include <stddef.h>

/// A file's bytes, which live as long as the process; `bytes` is NULL for a name that is not embedded.
struct freshet_embedded_bytes {
    const unsigned char *bytes;
    size_t count;
};

/// The file of that name; names are the ones in CEmbedded.c.
struct freshet_embedded_bytes freshet_embedded_file(const char *name);

#endif
