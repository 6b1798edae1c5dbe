import { useCompileCache } from './compile-cache.js'

// What Node is started with in a space: a file of its own, because only what is loaded after the cache has been turned
// on comes out of it. So the program is there 2 ms sooner, where Node has a cache (bench/limits/start.md).
useCompileCache()

/** Under another name, because a bundler would follow `require`. */
const load: NodeJS.Require = require
load('./program.cjs')
