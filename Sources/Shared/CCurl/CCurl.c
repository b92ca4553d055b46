// The shim's bodies; the header says what they are for.

#include "CCurl.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>

CURLcode freshet_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode freshet_curl_set_size(CURL *handle, CURLoption option, int64_t value) {
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}

CURLcode freshet_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode freshet_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode freshet_curl_set_callback(CURL *handle, CURLoption option, freshet_transfer_callback value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode freshet_curl_set_seek(CURL *handle, freshet_seek_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

CURLcode freshet_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}

CURLMcode freshet_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

CURL *freshet_curl_multi_finished(CURLM *multi, CURLcode *result) {
    int remaining = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &remaining)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

size_t freshet_curl_pause_value(void) {
    return CURL_WRITEFUNC_PAUSE;
}

void *freshet_sha256_new(void) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(digest);
        return NULL;
    }
    return digest;
}

int freshet_sha256_update(void *digest, const void *bytes, size_t count) {
    return EVP_DigestUpdate(digest, bytes, count);
}

int freshet_sha256_finish(void *digest, uint8_t *output) {
    unsigned int count = 0;
    return EVP_DigestFinal_ex(digest, output, &count);
}

void freshet_sha256_free(void *digest) {
    EVP_MD_CTX_free(digest);
}

int freshet_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *output) {
    unsigned int written = 0;
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, output, &written) != NULL;
}

int freshet_gunzip_init(z_stream *stream) {
    return inflateInit2(stream, MAX_WBITS + 16);
}

int freshet_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}
