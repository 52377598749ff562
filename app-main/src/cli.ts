/** What starts the program `vireo`. It is tiny: the rest is loaded when Node may take it out of its cache. */
import { openCompileCache } from './base/compile-cache.ts'

openCompileCache(import.meta.filename)
await import('./program.ts')
