// Compiles files into the binary, so that one executable is all there is to deploy. Each line of the table below is a
// file; the compiler notes it as a dependency, so a changed file is a rebuilt binary.
#include "CEmbedded.h"

#include <string.h>

#pragma clang diagnostic push
// #embed is C23; this compiler has it in every language mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char redis_conf[] = {
#embed "../../../redis/redis.conf"
};
static const unsigned char users_acl[] = {
#embed "../../../redis/users.acl"
};
static const unsigned char events_lua[] = {
#embed "../../../redis/functions/events.lua"
};
static const unsigned char generations_lua[] = {
#embed "../../../redis/functions/generations.lua"
};
static const unsigned char online_lua[] = {
#embed "../../../redis/functions/online.lua"
};
static const unsigned char quality_lua[] = {
#embed "../../../redis/functions/quality.lua"
};
static const unsigned char training_lua[] = {
#embed "../../../redis/functions/training.lua"
};
static const unsigned char gateway_json[] = {
#embed "openapi/gateway.json"
};
static const unsigned char ingest_json[] = {
#embed "openapi/ingest.json"
};
static const unsigned char features_json[] = {
#embed "openapi/features.json"
};
static const unsigned char console_html[] = {
#embed "console/index.html"
};
static const unsigned char console_css[] = {
#embed "console/console.css"
};
static const unsigned char console_js[] = {
#embed "console/console.js"
};
static const unsigned char swagger_css[] = {
#embed "swagger-ui/swagger-ui.css"
};
static const unsigned char swagger_bundle_js[] = {
#embed "swagger-ui/swagger-ui-bundle.js"
};
static const unsigned char swagger_favicon[] = {
#embed "swagger-ui/favicon-32x32.png"
};

#pragma clang diagnostic pop

static const struct {
    const char *name;
    struct freshet_embedded_bytes file;
} files[] = {
    {"redis/redis.conf", {redis_conf, sizeof redis_conf}},
    {"redis/users.acl", {users_acl, sizeof users_acl}},
    {"redis/functions/events.lua", {events_lua, sizeof events_lua}},
    {"redis/functions/generations.lua", {generations_lua, sizeof generations_lua}},
    {"redis/functions/online.lua", {online_lua, sizeof online_lua}},
    {"redis/functions/quality.lua", {quality_lua, sizeof quality_lua}},
    {"redis/functions/training.lua", {training_lua, sizeof training_lua}},
    {"openapi/gateway.json", {gateway_json, sizeof gateway_json}},
    {"openapi/ingest.json", {ingest_json, sizeof ingest_json}},
    {"openapi/features.json", {features_json, sizeof features_json}},
    {"console/index.html", {console_html, sizeof console_html}},
    {"console/console.css", {console_css, sizeof console_css}},
    {"console/console.js", {console_js, sizeof console_js}},
    {"swagger-ui/swagger-ui.css", {swagger_css, sizeof swagger_css}},
    {"swagger-ui/swagger-ui-bundle.js", {swagger_bundle_js, sizeof swagger_bundle_js}},
    {"swagger-ui/favicon-32x32.png", {swagger_favicon, sizeof swagger_favicon}},
};

struct freshet_embedded_bytes freshet_embedded_file(const char *name) {
    for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
        if (strcmp(files[index].name, name) == 0) return files[index].file;
    }
    return (struct freshet_embedded_bytes){NULL, 0};
}
