// How penstockd's allocator is set up.

// Read by jemalloc (jemalloc(3), TUNING). What the engine's thread takes the journal's gives back, so that arenas of
// one thread each would only hold more memory. What is free goes back to the system within a second, of which a thread
// takes care also while the daemon is idle.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf =
    "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true,max_background_threads:1";
}
