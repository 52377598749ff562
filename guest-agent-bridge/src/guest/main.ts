import { linux } from './sys-linux.ts'
import { methods } from './method-table.ts'

linux.write(2, linux.encode(`${JSON.stringify(linux.networkAddresses())}${methods.length} methods\n`))
