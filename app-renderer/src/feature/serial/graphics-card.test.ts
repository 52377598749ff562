import { expect, test } from 'vitest'
import { hasGraphicsCard, isGraphicsCard } from './graphics-card.ts'

test.each([
  'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
  'ANGLE (Mesa, llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5)',
  'ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0)',
])('%s draws with the processor', renderer => {
  expect(isGraphicsCard(renderer)).toBe(false)
})

test.each([
  'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)',
  'ANGLE (AMD, AMD Radeon RX 6600 (radeonsi), OpenGL 4.6)',
  'Mesa',
])('%s is a graphics card', renderer => {
  expect(isGraphicsCard(renderer)).toBe(true)
})

test('no WebGL, no graphics card', () => {
  expect(hasGraphicsCard()).toBe(false)
})
