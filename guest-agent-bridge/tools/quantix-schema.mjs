/** Makes src/protocol/quantix/schema.json of quantix.proto: the product carries no parser for .proto files. */
import { readFileSync, writeFileSync } from 'node:fs'
import protobuf from 'protobufjs'

const folder = new URL('../src/protocol/quantix/', import.meta.url)

/** The schema as protobufjs reads it, of the .proto beside it. */
export const quantixSchema = () => {
  const { root } = protobuf.parse(readFileSync(new URL('quantix.proto', folder), 'utf8'), { keepCase: true })
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto').nested)
  root.resolveAll()
  return root.toJSON()
}

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL('schema.json', folder), `${JSON.stringify(quantixSchema(), null, 1)}\n`)
}
