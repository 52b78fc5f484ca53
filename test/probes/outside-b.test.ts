import { probePart } from './reach-outside.ts';

probePart(1, 2);
