/** Renderers that draw with the processor: SwiftShader is Chromium's own, the others are Mesa's and Windows'. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i

/** Whether the name that WebGL gives to its renderer is that of a graphics card. */
export const isGraphicsCard = (renderer: string): boolean => !SOFTWARE.test(renderer)

const ask = (): boolean => {
  const gl = document.createElement('canvas').getContext('webgl2')
  if (!gl) return false
  const names = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer: unknown = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)
  // Contexts are few: this one is not kept until the garbage is collected.
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return isGraphicsCard(String(renderer))
}

let known: boolean | undefined

/**
 * Does a graphics card draw what WebGL draws? Without one WebGL still works in many browsers, but every frame of a terminal
 * holds the window up for tens of milliseconds, several times longer than the DOM does.
 */
export const hasGraphicsCard = (): boolean => (known ??= ask())
