// What libraries look for in the program that they are loaded into, before main() begins.

extern "C" {
// Read by jemalloc (jemalloc(3), TUNING). What the engine's thread takes the journal's gives back, so that arenas of
// one thread each would only hold more memory. What is free goes back to the system within a second, of which a thread
// takes care also while the daemon is idle.
extern const char* const malloc_conf;
const char* const malloc_conf =
    "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true,max_background_threads:1";

// Asked by GnuTLS (gnutls.h, GNUTLS_SKIP_GLOBAL_INIT). It comes along with libpq's and libcurl's LDAP and RTMP, which
// set it up themselves when they are used; penstockd never does, and saves a megabyte.
int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void) { return 1; }
}
