from gdpd_sklearn.distillers import NoDistillation, Progress


def test_nothing_is_transferred_and_no_teacher_needed():
    distiller = NoDistillation()
    assert not distiller.uses_teacher
    for epoch in range(4):
        assert distiller.transfer_weight(Progress(epoch, 4)) == 0.0
        assert distiller.task_weight(Progress(epoch, 4)) == 1.0
        assert distiller.selects(Progress(epoch, 4))
