/** An element that is in at most one list at a time. */
export interface Listed<Element> {
  /** Only the list writes these. */
  previous: Element | undefined;
  next: Element | undefined;
}

/** A doubly linked list. Every operation takes constant time. */
export class List<Element extends Listed<Element>> {
  first: Element | undefined = undefined;
  #last: Element | undefined = undefined;
  length = 0;

  push(element: Element): void {
    element.previous = this.#last;
    element.next = undefined;
    if (this.#last) this.#last.next = element;
    else this.first = element;
    this.#last = element;
    this.length += 1;
  }

  /** Removes an element of this list. */
  remove(element: Element): void {
    const { previous, next } = element;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    element.previous = undefined;
    element.next = undefined;
    this.length -= 1;
  }

  shift(): Element | undefined {
    const { first } = this;
    if (first) this.remove(first);
    return first;
  }
}
