import fc from 'fast-check';
import { List, type Listed } from '../../lib/http/list';

class Element implements Listed<Element> {
  previous: Element | undefined = undefined;
  next: Element | undefined = undefined;
}

function toArray({ first }: List<Element>): Element[] {
  const elements: Element[] = [];
  for (let each = first; each; each = each.next) elements.push(each);
  return elements;
}

describe('A list', () => {
  it('has the same elements as an array after any additions and removals', () => {
    const step = fc.oneof(fc.constant('push'), fc.constant('shift'), fc.nat(20));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new List<Element>();
        const model: Element[] = [];
        for (const each of steps) {
          if (each === 'push') {
            const element = new Element();
            list.push(element);
            model.push(element);
          } else if (each === 'shift') {
            expect(list.shift()).toBe(model.shift());
          } else {
            const [element] = model.splice(Number(each) % Math.max(model.length, 1), 1);
            if (element) {
              list.remove(element);
              expect([element.previous, element.next]).toEqual([undefined, undefined]);
            }
          }
          expect(list.length).toBe(model.length);
          expect(toArray(list).every((element, index) => element === model[index])).toBe(true);
        }
      }),
    );
  });

  it('accepts an element again after it was removed', () => {
    const list = new List<Element>();
    const [one, another] = [new Element(), new Element()];
    list.push(one);
    list.push(another);
    list.remove(one);
    list.push(one);
    expect(toArray(list)).toEqual([another, one]);
  });
});
