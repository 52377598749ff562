/** The vireo of the brand. The eye shows what is behind it. */
export const Bird = ({ size, className }: { size?: number; className?: string | undefined }) => (
  <svg
    {...(size ? { width: size, height: size } : {})}
    {...(className ? { className } : {})}
    viewBox="0 0 22 22"
    fill="currentColor"
    aria-hidden
  >
    <path
      fillRule="evenodd"
      d="M3 13.5C3 8 7 4 12 4c1.6 0 3 .5 4 1.3L20 6l-2.6 2.2C17.2 14 13.6 18 8.5 18L5 20l.6-2.9C4 16.2 3 15 3 13.5Zm11.2-4.9a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z"
    />
  </svg>
)
