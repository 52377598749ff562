// The published typings describe another entry point and no channels; these are the members that Vireo uses of 1.7.
declare module '@novnc/novnc' {
  export interface RfbEvents {
    connect: CustomEvent
    disconnect: CustomEvent<{ clean: boolean }>
    credentialsrequired: CustomEvent<{ types: string[] }>
    serververification: CustomEvent
    securityfailure: CustomEvent<{ status: number; reason?: string }>
    clipboard: CustomEvent<{ text: string }>
    bell: CustomEvent
    desktopname: CustomEvent<{ name: string }>
  }

  /** An object with all members of a WebSocket that noVNC looks for, as own properties. */
  export interface RawChannel {
    binaryType: string
    protocol: string
    readyState: string
    onopen: (() => void) | null
    onmessage: ((event: { data: ArrayBufferLike | ArrayBufferView }) => void) | null
    onerror: ((event: unknown) => void) | null
    onclose: ((event: { code?: number; reason?: string }) => void) | null
    send(bytes: Uint8Array): void
    close(): void
  }

  export default class RFB {
    constructor(
      target: Element,
      channel: RawChannel,
      options?: { shared?: boolean; credentials?: { password?: string } },
    )
    viewOnly: boolean
    focusOnClick: boolean
    scaleViewport: boolean
    resizeSession: boolean
    clipViewport: boolean
    showDotCursor: boolean
    background: string
    qualityLevel: number
    compressionLevel: number
    addEventListener<T extends keyof RfbEvents>(type: T, listener: (event: RfbEvents[T]) => void): void
    sendCredentials(credentials: { username?: string; password?: string }): void
    sendKey(keysym: number, code: string | null, down?: boolean): void
    clipboardPasteFrom(text: string): void
    toBlob(callback: (blob: Blob | null) => void, type?: string): void
    focus(options?: FocusOptions): void
    blur(): void
    disconnect(): void
  }
}

// Not among the package's exports: the builder is told where it is.
declare module '@novnc/novnc/core/util/logging.js' {
  export const initLogging: (level: 'none' | 'error' | 'warn' | 'info' | 'debug') => void
}
