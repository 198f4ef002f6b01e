"""The posting index in memory behaves as a plain list of (article, term, weight) would."""

from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.memory_library import MemoryLibrary

TERMS = st.sampled_from("abcd")
DOCUMENTS = st.lists(
    st.tuples(st.integers(1, 5), st.dictionaries(TERMS, st.floats(0.1, 1))), max_size=12
)


@given(DOCUMENTS, st.dictionaries(TERMS, st.integers(-1, 6)))
def test_it_is_a_list_of_rows(documents, asked):
    library, rows = MemoryLibrary(), {}
    for article, terms in documents:
        library.index({article: terms})
        rows[article] = terms
    assert library.size() == sum(bool(terms) for terms in rows.values())
    counts = {term: sum(term in terms for terms in rows.values()) for term in asked}
    assert library.frequencies(asked) == {term: n for term, n in counts.items() if n}
    wanted = {
        term: [(one, rows[one][term]) for one in sorted(rows, reverse=True) if term in rows[one]]
        for term in asked
    }
    found = library.postings(asked)
    assert found == {
        term: listed[: asked[term]]
        for term, listed in wanted.items()
        if listed and asked[term] > 0
    }
