/** A Vireo process of its own for tests: `second-process.ts <folder> <echo socket>` joins the line to its own input and output. */
import { SharedLines } from '../shared-lines.ts'
import { openEcho } from './exclusive-echo.ts'

const [folder = '', path = ''] = process.argv.slice(2)
const lines = new SharedLines(() => Promise.resolve(folder))
const line = await lines.open({ uri: 'u', key: 'k', line: 'l' }, openEcho(path), { takeOver: false })
process.stdin.pipe(line)
line.pipe(process.stdout)
line.on('end', () => process.exit(0))
process.stdout.write('joined\n')
