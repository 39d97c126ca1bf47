#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Typed stacks are macros, or inline functions behind macros, which Swift does not import. */
static inline int COpenSSL_count(const STACK_OF(X509) *list) {
    return sk_X509_num(list);
}
static inline X509 *COpenSSL_certificate(const STACK_OF(X509) *list, int index) {
    return sk_X509_value(list, index);
}
static inline int COpenSSL_name_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}
/* The DNS name at an index, not terminated; NULL for a name of another kind. Owned by the list. */
static inline const unsigned char *COpenSSL_dns_name(const GENERAL_NAMES *names, int index, int *length) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_DNS) return NULL;
    *length = ASN1_STRING_length(name->d.dNSName);
    return ASN1_STRING_get0_data(name->d.dNSName);
}

/* Macros with casts. */
static inline long COpenSSL_set_minimum_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline long COpenSSL_set_server_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, (char *)name);
}
static inline int COpenSSL_print_name(BIO *output, const X509_NAME *name) {
    return X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}
