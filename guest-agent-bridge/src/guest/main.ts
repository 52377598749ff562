import { linux } from './sys-linux.ts'
import { methods } from './method-table.ts'

linux.write(2, linux.encode(`${methods.length} methods\n`))
