/**
 * YAML as guests read it: cloud-init and Ubuntu's installer are Python programs whose reader knows YAML 1.1. There `on` is
 * true, `0644` is 420, and a card's address of digits alone (`52:54:00:12:34:56`) is one large number.
 */
import {
  Document,
  visit,
  type CreateNodeOptions,
  type DocumentOptions,
  type ParseOptions,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
} from 'yaml'

const PREFIX = 'tag:yaml.org,2002:'

/** To that reader a lone equals sign is of a type that nobody can make. */
const EQUALS: ScalarTag = { tag: `${PREFIX}value`, default: true, test: /^=$/, resolve: text => text }

/** The standard's `y` and `n` are words to it. */
const WORD = '(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$'

const asRead = (tag: Tags[number]): Tags => {
  if (typeof tag === 'string') return [tag]
  // A day stays the text it is: in our hands it would become a moment.
  if (tag.tag === `${PREFIX}timestamp`) return []
  if (tag.tag !== `${PREFIX}bool` || !('test' in tag) || !tag.test) return [tag]
  return [{ ...tag, test: new RegExp(`(?=^${WORD})${tag.test.source}`) }]
}

/** For the library's readers. */
export const PYTHON_YAML: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: tags => [...tags.flatMap(asRead), EQUALS],
}

/** That reader takes these nowhere but in quotes, some only by their numbers. */
const AWKWARD = /[^\P{Cc}\n]|[\u2028\u2029\ufeff]|^(?:=|<<)$/u
const BY_NUMBER = /[\x7f-\x9f\u2028\u2029\ufeff]/g

const WRITTEN: DocumentOptions & SchemaOptions & CreateNodeOptions = {
  ...{ version: '1.1', compat: 'core', aliasDuplicateObjects: false },
  // We never merge: two signs are two signs.
  customTags: tags => tags.filter(tag => typeof tag === 'string' || tag.tag !== `${PREFIX}merge`),
}

/** Whatever that reader, or one of YAML 1.2, would take for something else is quoted. */
export const pythonYaml = (value: unknown): string => {
  const document = new Document(value, WRITTEN)
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && AWKWARD.test(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  const text = document.toString({ lineWidth: 0 })
  return text.replace(BY_NUMBER, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
