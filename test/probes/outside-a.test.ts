import { probePart } from './reach-outside.ts';

probePart(0, 2);
