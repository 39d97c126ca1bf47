#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one wrapper per argument type.
 * The names are in parentheses so that curl's type-checking macros of the same names stay out. */
static inline CURLcode CCurl_setopt_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode CCurl_setopt_size(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode CCurl_setopt_string(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode CCurl_setopt_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}
typedef size_t (*CCurl_sink)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode CCurl_setopt_sink(CURL *handle, CURLoption option, CCurl_sink value) {
    return (curl_easy_setopt)(handle, option, value);
}

typedef CURLcode (*CCurl_context_maker)(CURL *handle, void *context, void *user);
static inline CURLcode CCurl_setopt_context_maker(CURL *handle, CCurl_context_maker value) {
    return (curl_easy_setopt)(handle, CURLOPT_SSL_CTX_FUNCTION, value);
}

static inline CURLcode CCurl_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode CCurl_getinfo_size(CURL *handle, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode CCurl_getinfo_string(CURL *handle, CURLINFO info, const char **value) {
    return (curl_easy_getinfo)(handle, info, value);
}
/* The caller frees the list with curl_slist_free_all. */
static inline CURLcode CCurl_getinfo_cookies(CURL *handle, struct curl_slist **value) {
    return (curl_easy_getinfo)(handle, CURLINFO_COOKIELIST, value);
}

/* curl_multi_setopt is variadic too. */
static inline CURLMcode CCurl_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
    return (curl_multi_setopt)(handle, option, value);
}

/* A cast macro that Swift does not import. */
static inline CURLcode CCurl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* CURLMsg holds its result in a union behind a pointer; reading it here keeps the union out of Swift. */
static inline CURL *CCurl_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

/* CURLAUTH_BASIC and CURLAUTH_BEARER are macros with a cast, which Swift does not import. */
static const long CCurl_auth_basic = CURLAUTH_BASIC;
static const long CCurl_auth_bearer = CURLAUTH_BEARER;
