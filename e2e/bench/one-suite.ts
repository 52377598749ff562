/** Measures one suite in a process of its own: the name, and the file for its figures. */
import { writeFile } from 'node:fs/promises'
import { suites } from './suites.ts'

const [name = '', file = ''] = process.argv.slice(2)
const suite = suites[name]
if (!suite) throw new Error(`no such suite: ${name}`)
const measure = await suite.load()
await writeFile(file, JSON.stringify(await measure()))
// What a suite has left running shall not keep the others waiting; it dies with its folder.
process.exit(0)
