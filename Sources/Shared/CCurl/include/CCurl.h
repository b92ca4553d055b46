// What Swift cannot call by itself: libcurl's variadic calls, zlib's macros, and the few libcrypto calls
// that the object store needs. Every function is a thin, non-variadic step over the library's own.

#ifndef FRESHET_CCURL_H
#define FRESHET_CCURL_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>
// Makes zlib's input pointer a pointer to const, so that reading input does not copy it.
#define ZLIB_CONST
#include <zlib.h>

typedef size_t (*freshet_transfer_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*freshet_seek_callback)(void *context, curl_off_t offset, int origin);

CURLcode freshet_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode freshet_curl_set_size(CURL *handle, CURLoption option, int64_t value);
CURLcode freshet_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode freshet_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode freshet_curl_set_callback(CURL *handle, CURLoption option, freshet_transfer_callback value);
CURLcode freshet_curl_set_seek(CURL *handle, freshet_seek_callback value);
CURLcode freshet_curl_get_pointer(CURL *handle, CURLINFO info, void **value);
CURLMcode freshet_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// The next finished transfer and its result, or NULL when there is none.
CURL *freshet_curl_multi_finished(CURLM *multi, CURLcode *result);

/// The value that a write callback returns to pause its transfer (a macro that Swift does not import).
size_t freshet_curl_pause_value(void);

/// A running SHA-256; NULL when memory is exhausted.
void *freshet_sha256_new(void);
/// 1 when the bytes were taken.
int freshet_sha256_update(void *digest, const void *bytes, size_t count);
/// Writes 32 bytes; 1 when it succeeded.
int freshet_sha256_finish(void *digest, uint8_t *output);
void freshet_sha256_free(void *digest);
/// Writes 32 bytes; 1 when it succeeded.
int freshet_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *output);

/// Prepares a stream that reads gzip, and only gzip; Z_OK when it succeeded.
int freshet_gunzip_init(z_stream *stream);
/// Prepares a stream that writes gzip; Z_OK when it succeeded.
int freshet_gzip_init(z_stream *stream, int level);

#endif
