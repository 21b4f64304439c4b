export { pictureAsMermaid } from './mermaid.ts';
export { type Picture, pictureOf } from './picture.ts';
export { pictureAsSvg } from './svg.ts';
export { pictureAsText } from './text.ts';
