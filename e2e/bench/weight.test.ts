import { expect, test } from 'vitest'
import { pageLinks, staticImports } from './weight.ts'

test('a page names its script, what it preloads and its styles; an icon is neither', () => {
  const html = `<link rel="icon" href="./a.svg"><script type="module" crossorigin src="./assets/index.js"></script>
    <link rel="modulepreload" crossorigin href="./assets/react.js"><link rel="stylesheet" href="./assets/index.css">
    <script>const inline = 1</script>`
  expect(pageLinks(html)).toEqual({
    scripts: ['./assets/index.js', './assets/react.js'],
    styles: ['./assets/index.css'],
  })
})

test('static imports of minified code count, dynamic ones and strings do not', () => {
  const code = `import{a as b}from"./one.js";import"./two.js";import c,{d}from'./three.js';export*from"./four.js";const e=()=>import("./five.js");console.log("from './six.js'");export{b as default};import*as f from"./seven.js"`
  expect(staticImports(code)).toEqual(['./one.js', './two.js', './three.js', './four.js', './seven.js'])
})
